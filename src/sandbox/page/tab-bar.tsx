import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export type TabName = 'phone' | 'bridge' | 'desk';

const TABS: readonly [TabName, string][] = [
  ['phone', 'Buyer'],
  ['bridge', 'Bridge'],
  ['desk', 'Desk'],
];

export interface TabBarProps {
  tab: TabName;
  /** How much there is in each; growth while it is not in view is shown as a dot. */
  counts: Record<TabName, number>;
  onTab(tab: TabName): void;
}

/** Only on narrow screens; wide ones show all three at once. Arrow keys move between the tabs. */
export function TabBar({ tab, counts, onTab }: TabBarProps): JSX.Element {
  const [seen, setSeen] = useState(counts);
  const buttons = useRef(new Map<TabName, HTMLButtonElement>());
  const now = counts[tab];
  useEffect(() => setSeen((before) => ({ ...before, [tab]: now })), [tab, now]);
  const step = (by: number) => {
    const at = TABS.findIndex(([name]) => name === tab);
    const next = TABS[(at + by + TABS.length) % TABS.length]?.[0] ?? tab;
    onTab(next);
    buttons.current.get(next)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views">
      {TABS.map(([name, label]) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === tab}
          aria-controls={`panel-${name}`}
          tabIndex={name === tab ? 0 : -1}
          ref={(button) => {
            if (button !== null) buttons.current.set(name, button);
          }}
          onClick={() => onTab(name)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') step(1);
            if (event.key === 'ArrowLeft') step(-1);
          }}
        >
          {label}
          {name !== tab && counts[name] > seen[name] && (
            <span class="news">
              <span class="hidden">, new</span>
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
