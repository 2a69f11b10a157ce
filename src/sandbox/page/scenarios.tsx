import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAct } from './act.ts';
import { SCENARIOS, type Stage } from './scenario-list.ts';

/** Ready-made situations; one runs at a time. */
export function Scenarios({ stage }: { stage: Stage }): JSX.Element {
  const act = useAct();
  const [running, setRunning] = useState<string | null>(null);
  return (
    <nav class="scenarios" aria-label="Try this">
      <span class="scenarios-title" aria-hidden="true">
        Try this
      </span>
      {SCENARIOS.map((scenario) => (
        <button
          key={scenario.label}
          type="button"
          title={scenario.hint}
          disabled={running !== null}
          aria-busy={running === scenario.label}
          onClick={async () => {
            setRunning(scenario.label);
            await act(() => scenario.run(stage));
            setRunning(null);
          }}
        >
          {scenario.label}
        </button>
      ))}
    </nav>
  );
}
