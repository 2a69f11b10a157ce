import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { BridgeView, CastBuyer, StoryLine } from '../demo-view.ts';
import { Icon, Time, useStickToEnd } from './parts.tsx';

const OWNERS = [
  ['bot', 'Bot'],
  ['queue', 'Queue'],
  ['agent', 'Agent'],
  ['closed', 'Closed'],
] as const;

export interface TimelineProps {
  buyer: CastBuyer;
  bridge: BridgeView | undefined;
}

/** What the bridge decided about this buyer's conversation, one line each. */
export function Timeline({ buyer, bridge }: TimelineProps): JSX.Element {
  const [everything, setEverything] = useState(false);
  const entries = bridge?.entries ?? [];
  const shown = everything ? entries : entries.filter((entry) => !entry.quiet);
  const list = useStickToEnd<HTMLOListElement>(`${buyer.handle} ${shown.length}`);
  return (
    <>
      <OwnerBar bridge={bridge} />
      <div class="timeline-head">
        <h3>Decisions</h3>
        <label class="check">
          <input
            type="checkbox"
            checked={everything}
            onChange={(event) => setEverything(event.currentTarget.checked)}
          />
          Routine entries too
        </label>
      </div>
      {bridge?.stale === true && <p class="stale">The story cannot be read at the moment; it is asked for again.</p>}
      <ol class="timeline" ref={list} aria-label="What the bridge decided">
        {shown.length === 0 && (
          <li class="empty">
            Nothing yet. Write as the buyer, or try one of the buttons above: every decision appears here.
          </li>
        )}
        {shown.map((entry) => (
          <Entry key={entry.seq} entry={entry} />
        ))}
      </ol>
    </>
  );
}

/** Who may speak now. A change is shown by a short flash and told to screen readers. */
function OwnerBar({ bridge }: { bridge: BridgeView | undefined }): JSX.Element {
  const owner = bridge?.owner ?? null;
  const bar = useRef<HTMLDivElement>(null);
  const conversation = bridge?.conversationId;
  const told = useRef<string>();
  useEffect(() => {
    const now = `${conversation} ${bridge?.epoch}`;
    const changed = told.current !== undefined && told.current !== now && told.current.startsWith(`${conversation} `);
    told.current = now;
    if (!changed || bar.current === null) return;
    bar.current.classList.remove('changed');
    // Reading a size makes the browser notice the removal, so that the animation starts again.
    void bar.current.offsetWidth;
    bar.current.classList.add('changed');
  }, [conversation, bridge?.epoch]);
  return (
    <div class="owner-bar" ref={bar} onAnimationEnd={() => bar.current?.classList.remove('changed')}>
      <ol class="owner-track" aria-hidden="true">
        {OWNERS.map(([name, label]) => (
          <li key={name} class={`owner-${name}${name === owner ? ' now' : ''}`}>
            {label}
          </li>
        ))}
        {owner === 'urobot' && <li class="owner-bot now">Udesk robot</li>}
      </ol>
      <p class="owner-facts">
        <span role="status">
          Owner: <strong data-testid="owner">{owner ?? 'nobody yet'}</strong> · epoch{' '}
          <strong data-testid="epoch">{bridge?.epoch ?? 0}</strong>
        </span>
        {bridge?.language != null && <span> · language {bridge.language}</span>}
        {(bridge?.episode ?? 0) > 1 && <span> · episode {bridge?.episode}</span>}
      </p>
    </div>
  );
}

function Entry({ entry }: { entry: StoryLine }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <li class={`entry tone-${entry.tone}${entry.quiet ? ' quiet' : ''}`}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class="entry-icon">
            <Icon name={entry.icon} />
          </span>
          <span class="entry-line" dir="auto">
            {entry.line}
            {entry.more !== '' && <small>{entry.more}</small>}
          </span>
          <span class="entry-side">
            {entry.status !== '' && <span class="status">{entry.status}</span>}
            <Time at={entry.at} />
          </span>
        </summary>
        {open && <pre class="entry-detail">{entry.detail}</pre>}
      </details>
    </li>
  );
}
