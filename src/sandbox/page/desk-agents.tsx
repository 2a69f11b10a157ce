import type { JSX } from 'preact';
import type { AgentStatus, DeskView } from '../demo-view.ts';
import { useAct } from './act.ts';
import { api } from './api.ts';

const STATES: readonly AgentStatus[] = ['online', 'busy', 'offline'];

export function DeskAgents({ agents }: { agents: DeskView['agents'] }): JSX.Element {
  const act = useAct();
  const nobody = agents.every((agent) => agent.status === 'offline');
  const everyone = () =>
    act(async () => {
      for (const agent of agents) await api.agent({ action: 'online', agentId: agent.id });
    });
  return (
    <section class="block" aria-labelledby="agents-title">
      <h3 id="agents-title">Agents</h3>
      {nobody && (
        <p class="callout">
          Everyone is offline.{' '}
          <button type="button" onClick={() => void everyone()}>
            Bring everyone back
          </button>
        </p>
      )}
      <ul class="agents">
        {agents.map((agent) => (
          <li key={agent.id} class={`agent is-${agent.status}`}>
            <span class="dot" aria-hidden="true" />
            <span class="grow">
              {agent.name}{' '}
              <small>
                <span class="hidden">serves </span>
                {agent.sessions}/{agent.maxSessions}
              </small>
            </span>
            <fieldset class="switch">
              <legend class="hidden">Status of {agent.name}</legend>
              {STATES.map((status) => (
                <label key={status}>
                  <input
                    type="radio"
                    name={`agent-${agent.id}`}
                    checked={agent.status === status}
                    onChange={() => void act(() => api.agent({ action: status, agentId: agent.id }))}
                  />
                  <span>{status}</span>
                </label>
              ))}
            </fieldset>
          </li>
        ))}
      </ul>
    </section>
  );
}
