import type { BridgeView, ChatLine } from '../demo-view.ts';

export interface Speaker {
  kind: 'buyer' | 'bot' | 'agent' | 'staff' | 'platform' | 'shop';
  name: string;
}

/**
 * Who speaks in a line of the chat. The marketplace only knows "the shop, over the API"; whether those were the bot's or an agent's words
 * the bridge knows, by the id under which they arrived, or by the words while that id is still on its way.
 */
export function speakers(bridge: BridgeView | undefined): (line: ChatLine) => Speaker {
  const byId = new Map<string, Speaker>();
  const byText = new Map<string, Speaker>();
  for (const { said } of bridge?.entries ?? []) {
    if (said === undefined) continue;
    const speaker: Speaker =
      said.origin === 'agent'
        ? { kind: 'agent', name: said.agentName === undefined ? 'Agent' : `${said.agentName}, agent` }
        : { kind: 'bot', name: 'Bot' };
    if (said.externalId !== null) byId.set(said.externalId, speaker);
    else if (said.text !== '') byText.set(said.text, speaker);
  }
  return (line) => {
    switch (line.who) {
      case 'buyer':
        return { kind: 'buyer', name: 'You' };
      case 'staff':
        return { kind: 'staff', name: 'Staff, seller app' };
      case 'platform':
        return { kind: 'platform', name: 'TikTok Shop' };
      case 'shop':
        return byId.get(line.id) ?? byText.get(line.text) ?? { kind: 'shop', name: 'Shop' };
    }
  };
}
