import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { AgentAction, DeskLine, DeskSession, DeskView } from '../demo-view.ts';
import { useAct } from './act.ts';
import { api } from './api.ts';
import { Icon, Picture, Say, Time, useStickToEnd } from './parts.tsx';
import { samplePicture } from './pictures.ts';

export interface SessionProps {
  session: DeskSession;
  agents: DeskView['agents'];
}

/** One conversation on the workbench. Opening it marks the buyer's lines as read. */
export function Session({ session, agents }: SessionProps): JSX.Element {
  const act = useAct();
  const log = useStickToEnd<HTMLDivElement>(session.lines.length);
  const others = agents.filter((agent) => agent.id !== session.agentId);
  const [target, setTarget] = useState<number>();
  const toAgentId = others.find((agent) => agent.id === target)?.id ?? others[0]?.id;
  const customerLines = session.lines.filter((line) => line.who === 'customer').length;
  const agent = (action: AgentAction) => act(() => api.agent(action));
  const { id, open } = session;
  useEffect(() => {
    if (customerLines > 0 && open) void act(() => api.agent({ action: 'read', sessionId: id }));
  }, [act, customerLines, id, open]);
  return (
    <div class="session" data-session={id}>
      <p class="session-head">
        <strong>{session.name}</strong>
        <small>
          with {session.agentName}, session {id}
          {open ? '' : `, closed${session.closeType === 'redirect' ? ' by a transfer' : ''}`}
        </small>
      </p>
      <div class="transcript" ref={log} role="log" aria-live="polite" aria-label={`Transcript with ${session.name}`}>
        {session.lines.map((line) => (
          <Line key={line.id} line={line} name={line.who === 'agent' ? session.agentName : session.name} />
        ))}
      </div>
      {open && (
        <>
          <Say
            label={`Answer ${session.name}`}
            placeholder={`Answer as ${session.agentName}…`}
            button="Send"
            onSay={(text) => agent({ action: 'say', sessionId: id, text })}
          >
            <button
              type="button"
              class="tool"
              title="Send a sample picture"
              aria-label="Send a sample picture"
              onClick={() =>
                void act(() => api.agent({ action: 'image', sessionId: id, imageBase64: samplePicture() }))
              }
            >
              <Icon name="picture" />
            </button>
          </Say>
          <div class="session-tools">
            <span class="transfer">
              <select
                aria-label="Transfer to"
                value={toAgentId}
                onChange={(event) => setTarget(Number(event.currentTarget.value))}
              >
                {others.map((other) => (
                  <option key={other.id} value={other.id}>
                    {other.name} ({other.status})
                  </option>
                ))}
              </select>
              <button
                type="button"
                disabled={toAgentId === undefined}
                onClick={() => toAgentId !== undefined && void agent({ action: 'transfer', sessionId: id, toAgentId })}
              >
                Transfer
              </button>
            </span>
            <button type="button" onClick={() => void agent({ action: 'invite-survey', sessionId: id })}>
              Invite to rate
            </button>
            <button type="button" class="danger" onClick={() => void agent({ action: 'close', sessionId: id })}>
              Close session
            </button>
          </div>
        </>
      )}
    </div>
  );
}

function Line({ line, name }: { line: DeskLine; name: string }): JSX.Element {
  if (line.who === 'system') return <p class="notice">{line.text}</p>;
  return (
    <div class={`line from-${line.who}`}>
      <div class="bubble-head">
        <span class="speaker">{name}</span>
        <Time at={line.at} />
        {line.push === 'failed' && <span class="failed">not delivered to the bridge</span>}
      </div>
      <div class="bubble" dir="auto">
        {line.picture === undefined ? line.text : <Picture src={line.picture} text={line.text} />}
      </div>
    </div>
  );
}
