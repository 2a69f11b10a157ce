import type { AgentAction, BuyerAction, StaffAction } from '../demo-view.ts';

/** Rejects with a sentence for the person at the page. */
async function post(path: string, body: unknown): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error('The demo does not answer. Is it still running?');
  }
  if (answer.ok) return;
  const told: unknown = await answer.json().catch(() => null);
  const reason = told !== null && typeof told === 'object' && 'error' in told ? String(told.error) : '';
  throw new Error(reason === '' ? `The demo refused this (${answer.status}).` : reason);
}

export const api = {
  buyer: (action: BuyerAction): Promise<void> => post('/demo/api/buyer', action),
  agent: (action: AgentAction): Promise<void> => post('/demo/api/agent', action),
  staff: (action: StaffAction): Promise<void> => post('/demo/api/staff', action),
};
