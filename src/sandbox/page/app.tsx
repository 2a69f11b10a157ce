import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ActContext } from './act.ts';
import { Desk } from './desk.tsx';
import { Phone } from './phone.tsx';
import { Scenarios } from './scenarios.tsx';
import { TabBar, type TabName } from './tab-bar.tsx';
import { Timeline } from './timeline.tsx';
import { type Link, useDemo } from './use-demo.ts';

const LINK_WORDS: Record<Link, string> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost, trying again',
};
const ERROR_SHOWN_MS = 7_000;

export function App(): JSX.Element {
  const { sections, link } = useDemo();
  const [handle, choose] = useBuyer();
  const [tab, setTab] = useState<TabName>('phone');
  const { error, act, dismiss } = useErrors();
  const buyers = sections.cast?.buyers ?? [];
  const buyer = buyers.find((one) => one.handle === handle) ?? buyers[0];
  const { desk } = sections;
  const chat = buyer === undefined ? undefined : sections[`chat:${buyer.handle}`];
  const bridge = buyer === undefined ? undefined : sections[`bridge:${buyer.handle}`];
  const counts = {
    phone: chat?.lines.filter((line) => line.who !== 'buyer').length ?? 0,
    bridge: bridge?.epoch ?? 0,
    desk: desk?.sessions.reduce((sum, session) => sum + session.unread + 1, 0) ?? 0,
  };
  return (
    <ActContext.Provider value={act}>
      <header class="top">
        <h1>
          Buyerline <span>demo</span>
        </h1>
        <p class="tagline">You play the buyer and the agent. The bridge between them is real.</p>
        <p class={`link is-${link}`} role="status">
          <span class="dot" aria-hidden="true" />
          {LINK_WORDS[link]}
        </p>
      </header>
      {buyer === undefined || desk === undefined ? (
        <p class="empty">{link === 'lost' ? 'The demo does not answer. Is it still running?' : 'One moment…'}</p>
      ) : (
        <>
          <Scenarios stage={{ buyer, buyers, desk, choose }} />
          <TabBar tab={tab} counts={counts} onTab={setTab} />
          <main class={`columns show-${tab}`}>
            <section class="column column-phone" id="panel-phone" aria-labelledby="title-phone">
              <h2 id="title-phone">Buyer’s phone</h2>
              <Phone buyers={buyers} buyer={buyer} chat={chat} bridge={bridge} onChoose={choose} />
            </section>
            <section class="column column-bridge" id="panel-bridge" aria-labelledby="title-bridge">
              <h2 id="title-bridge">Bridge</h2>
              <Timeline key={buyer.handle} buyer={buyer} bridge={bridge} />
            </section>
            <section class="column column-desk" id="panel-desk" aria-labelledby="title-desk">
              <h2 id="title-desk">Agents’ desk (Udesk)</h2>
              <Desk sections={sections} desk={desk} buyer={buyer} />
            </section>
          </main>
        </>
      )}
      <div class="toasts" role="alert">
        {error !== null && (
          <p class="toast">
            {error}
            <button type="button" onClick={dismiss}>
              Close
            </button>
          </p>
        )}
      </div>
    </ActContext.Provider>
  );
}

/** The chosen buyer stands in the address, so that a reload or a link keeps them. */
function useBuyer(): [string, (handle: string) => void] {
  const [handle, setHandle] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const follow = () => setHandle(location.hash.slice(1));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const choose = useCallback((next: string) => {
    setHandle(next);
    // Not `location.hash`: with <base> a bare fragment would lead to another page.
    history.replaceState(null, '', `${location.pathname}#${next}`);
  }, []);
  return [handle, choose];
}

function useErrors() {
  const [error, setError] = useState<string | null>(null);
  const timer = useRef<number>();
  const act = useCallback(async (task: () => Promise<void>): Promise<boolean> => {
    try {
      await task();
      return true;
    } catch (thrown) {
      setError(thrown instanceof Error ? thrown.message : 'This did not work.');
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => setError(null), ERROR_SHOWN_MS);
      return false;
    }
  }, []);
  const dismiss = useCallback(() => setError(null), []);
  return { error, act, dismiss };
}
