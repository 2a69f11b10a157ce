import type { JSX } from 'preact';
import type { BridgeView, CastBuyer, ChatLine, ChatView } from '../demo-view.ts';
import { useAct } from './act.ts';
import { api } from './api.ts';
import { Icon, Picture, Say, Time, useStickToEnd } from './parts.tsx';
import { PhoneTools } from './phone-tools.tsx';
import { type Speaker, speakers } from './speakers.ts';

export interface PhoneProps {
  buyers: readonly CastBuyer[];
  buyer: CastBuyer;
  chat: ChatView | undefined;
  bridge: BridgeView | undefined;
  onChoose(handle: string): void;
}

/** The buyer's phone: who you are, the chat as the marketplace shows it, and what a buyer can send. */
export function Phone({ buyers, buyer, chat, bridge, onChoose }: PhoneProps): JSX.Element {
  const act = useAct();
  const lines = chat?.lines ?? [];
  const log = useStickToEnd<HTMLDivElement>(`${buyer.handle} ${lines.length}`);
  const speakerOf = speakers(bridge);
  return (
    <div class="phone-column">
      <label class="who">
        <span>You are the buyer</span>
        <select value={buyer.handle} onChange={(event) => onChoose(event.currentTarget.value)}>
          {shopsOf(buyers).map(([shop, people]) => (
            <optgroup key={shop} label={shop}>
              {people.map((one) => (
                <option key={one.handle} value={one.handle}>
                  {one.name} · {one.languageName}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <div class="phone">
        <header class="phone-head">
          <span class="avatar" aria-hidden="true">
            {initials(buyer.shopName)}
          </span>
          <span>
            <strong>{buyer.shopName}</strong>
            <small>TikTok Shop · {buyer.region}</small>
          </span>
        </header>
        <div class="chat" ref={log} role="log" aria-live="polite" aria-label="Chat on the buyer’s phone">
          {lines.length === 0 && (
            <p class="empty">
              No messages yet. Write to {buyer.shopName} as {buyer.name}.
            </p>
          )}
          {lines.map((line) => (
            <Bubble key={line.id} line={line} speaker={speakerOf(line)} language={buyer.language} />
          ))}
        </div>
        <PhoneTools key={buyer.handle} buyer={buyer} />
        <Say
          label={`Message to ${buyer.shopName}`}
          placeholder="Send a message…"
          button="Send"
          onSay={(text) => act(() => api.buyer({ buyer: buyer.handle, type: 'text', text }))}
        />
      </div>
    </div>
  );
}

function Bubble({ line, speaker, language }: { line: ChatLine; speaker: Speaker; language: string }): JSX.Element {
  if (line.kind === 'notice') return <p class="notice">{line.text}</p>;
  return (
    <div class={`bubble-row from-${speaker.kind}`} data-speaker={speaker.kind}>
      <div class="bubble-head">
        <span class="speaker">{speaker.name}</span>
        <Time at={line.at} />
      </div>
      <div class={`bubble kind-${line.kind}`} dir="auto" lang={line.who === 'platform' ? 'en' : language}>
        <BubbleBody line={line} />
      </div>
    </div>
  );
}

function BubbleBody({ line }: { line: ChatLine }): JSX.Element {
  if (line.picture !== undefined) return <Picture src={line.picture} text={line.text} />;
  if (line.kind !== 'order' && line.kind !== 'product') return <>{line.text}</>;
  const [title = '', ...more] = line.text.split('\n');
  return (
    <span class="card">
      <Icon name={line.kind} />
      <span>
        <strong>{title}</strong>
        {more.map((text) => (
          <small key={text}>{text}</small>
        ))}
      </span>
    </span>
  );
}

function shopsOf(buyers: readonly CastBuyer[]): [string, CastBuyer[]][] {
  const shops = new Map<string, CastBuyer[]>();
  for (const buyer of buyers) {
    const shop = `${buyer.shopName} (${buyer.region})`;
    shops.set(shop, [...(shops.get(shop) ?? []), buyer]);
  }
  return [...shops];
}

const initials = (name: string): string =>
  name
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
    .slice(0, 2)
    .map((word) => [...word][0] ?? '')
    .join('');
