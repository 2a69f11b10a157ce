import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CastBuyer, DemoSections, DeskView } from '../demo-view.ts';
import { useAct } from './act.ts';
import { api } from './api.ts';
import { DeskAgents } from './desk-agents.tsx';
import { Say, Time } from './parts.tsx';
import { Session } from './session.tsx';

export interface DeskProps {
  sections: DemoSections;
  desk: DeskView;
  buyer: CastBuyer;
}

/** The agents' workbench: who is there, who waits, the session at hand, and what buyers thought of it. */
export function Desk({ sections, desk, buyer }: DeskProps): JSX.Element {
  const act = useAct();
  const [chosen, setChosen] = useState<number | null>(null);
  const newest = desk.sessions.find((session) => session.open)?.id;
  // A new session comes to the front, as on a workbench with one agent at it.
  useEffect(() => {
    if (newest !== undefined) setChosen(newest);
  }, [newest]);
  const ofBuyer = desk.sessions.find((row) => row.open && sections[`session:${row.id}`]?.buyer === buyer.handle)?.id;
  useEffect(() => {
    if (ofBuyer !== undefined) setChosen(ofBuyer);
  }, [ofBuyer]);
  const shown = desk.sessions.find((session) => session.id === chosen) ?? desk.sessions[0];
  const session = shown === undefined ? undefined : sections[`session:${shown.id}`];
  return (
    <div class="desk">
      <DeskAgents agents={desk.agents} />
      {desk.queue.length > 0 && (
        <section class="block" aria-labelledby="queue-title">
          <h3 id="queue-title">Queue ({desk.queue.length})</h3>
          <ul class="queue">
            {desk.queue.map((row) => (
              <li key={row.customerToken}>
                <span class="grow">
                  <strong>{row.name}</strong>
                  <small>{row.assigning ? 'being assigned' : `place ${row.place}`}</small>
                  {row.lastLine !== '' && <small dir="auto">{row.lastLine}</small>}
                </span>
                <button
                  type="button"
                  onClick={() => void act(() => api.agent({ action: 'assign', customerToken: row.customerToken }))}
                >
                  Take
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="block sessions" aria-labelledby="sessions-title">
        <h3 id="sessions-title">Sessions</h3>
        {desk.sessions.length === 0 ? (
          <p class="empty">None yet. When the bridge asks for a person, the session opens here.</p>
        ) : (
          <ul class="session-list">
            {desk.sessions.slice(0, 8).map((row) => (
              <li key={row.id}>
                <button
                  type="button"
                  aria-pressed={row.id === shown?.id}
                  class={row.open ? '' : 'over'}
                  onClick={() => setChosen(row.id)}
                >
                  {row.name}
                  <small>{row.open ? row.agentName : 'closed'}</small>
                  {row.unread > 0 && row.open && (
                    <span class="unread">
                      {row.unread}
                      <span class="hidden"> unread</span>
                    </span>
                  )}
                </button>
              </li>
            ))}
          </ul>
        )}
        {session !== undefined && <Session key={session.id} session={session} agents={desk.agents} />}
      </section>
      <section class="block" aria-labelledby="ratings-title">
        <h3 id="ratings-title">Ratings received</h3>
        {desk.ratings.length === 0 ? (
          <p class="empty">None yet. Close a session and answer the survey on the phone.</p>
        ) : (
          <ul class="ratings" aria-live="polite">
            {desk.ratings.map((rating) => (
              <li key={rating.sessionId}>
                <span class="grow">
                  <strong>{rating.option}</strong>
                  <small>
                    {rating.name}, session {rating.sessionId}
                    {rating.remark !== '' && `: “${rating.remark}”`}
                  </small>
                </span>
                <Time at={rating.at} />
              </li>
            ))}
          </ul>
        )}
      </section>
      {desk.leftMessages.length > 0 && (
        <section class="block" aria-labelledby="left-title">
          <h3 id="left-title">Messages left</h3>
          <ul class="ratings">
            {desk.leftMessages.map((row) => (
              <li key={row.id}>
                <span class="grow">
                  <strong>{row.name}</strong>
                  <small class="lines" dir="auto">
                    {row.text}
                  </small>
                </span>
                <Time at={row.at} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="block" aria-labelledby="staff-title">
        <h3 id="staff-title">Seller app</h3>
        <p class="hint">Staff who answer {buyer.name} there take over: the bot falls silent.</p>
        <Say
          label={`Answer ${buyer.name} in the seller app`}
          placeholder="Answer as staff…"
          button="Answer"
          onSay={(text) => act(() => api.staff({ buyer: buyer.handle, text }))}
        />
      </section>
    </div>
  );
}
