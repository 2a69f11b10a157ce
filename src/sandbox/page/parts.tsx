import type { ComponentChildren, JSX, RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const PATHS = {
  buyer: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8c.6-4 3.4-6 7-6s6.4 2 7 6',
  shop: 'M4 9h16l-1.2-4.5H5.2L4 9Zm1 0v10.5h14V9M10 19.5V14h4v5.5',
  agent: 'M5 14v-2a7 7 0 0 1 14 0v2M5 13.5h2.5v5H6a1 1 0 0 1-1-1v-4Zm14 0h-2.5v5H18m1-5v4.5a3 3 0 0 1-3 3h-3',
  desk: 'M4 5h16v11H4V5Zm8 11v4m-4 0h8',
  timer: 'M12 20a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Zm0-12v4.5l3 2M9.5 2.5h5',
  turn: 'M6 4v9a4 4 0 0 0 4 4h8m-4-4.5 4 4.5-4 4.5',
  owner: 'M7 8h12l-3.5-3.5M17 16H5l3.5 3.5',
  bot: 'M6 9h12v10H6V9Zm6-5v5m-3 4.5v1m6-1v1M3.5 13v3m17-3v3',
  send: 'M4 12 20 4.5 14 20l-3-6.5L4 12Z',
  order: 'M5 8.5 12 5l7 3.5v7.5L12 19.5 5 16V8.5Zm0 0 7 3.5m0 0 7-3.5M12 12v7.5',
  product: 'M12 4h7.5v7.5L11 20l-7.5-7.5L12 4Zm4 4h.1',
  picture: 'M4 5.5h16v13H4v-13Zm2 10 4-4.5 3 3 2.5-2.5 3 4M9 9.5h.1',
  sticker: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16Zm-3.5-6c.8 1.5 2 2.2 3.5 2.2s2.7-.7 3.5-2.2M9 10h.1M15 10h.1',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }): JSX.Element => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

export const Time = ({ at }: { at: number }): JSX.Element => (
  <time class="time" dateTime={new Date(at).toISOString()}>
    {clock.format(at)}
  </time>
);

/** Keeps a scrolling list at its end while the reader is there; someone who scrolled up is left in peace. */
export function useStickToEnd<T extends HTMLElement>(changes: unknown): RefObject<T> {
  const ref = useRef<T>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const list = ref.current;
    if (list === null) return;
    const look = () => {
      atEnd.current = list.scrollHeight - list.scrollTop - list.clientHeight < 48;
    };
    const stay = () => {
      if (atEnd.current) list.scrollTop = list.scrollHeight;
    };
    const follow = new ResizeObserver(stay);
    list.addEventListener('scroll', look, { passive: true });
    // Pictures grow when they have come; `load` does not bubble.
    list.addEventListener('load', stay, true);
    follow.observe(list);
    return () => {
      list.removeEventListener('scroll', look);
      list.removeEventListener('load', stay, true);
      follow.disconnect();
    };
  }, []);
  useLayoutEffect(() => {
    const list = ref.current;
    if (list !== null && atEnd.current) list.scrollTop = list.scrollHeight;
  }, [changes]);
  return ref;
}

/** A picture, or words in its place when it cannot be had. */
export function Picture({ src, text }: { src: string; text: string }): JSX.Element {
  const [broken, setBroken] = useState(false);
  if (broken) return <span class="muted">{text} (cannot be shown)</span>;
  return (
    <a class="picture" href={src} target="_blank" rel="noreferrer">
      <img src={src} alt={text} loading="lazy" onError={() => setBroken(true)} />
    </a>
  );
}

export interface SayProps {
  label: string;
  placeholder: string;
  button: string;
  disabled?: boolean;
  onSay(text: string): Promise<boolean>;
  children?: ComponentChildren;
}

/** A line to write on: Enter sends, Shift and Enter breaks the line, and choosing a word in an input method does neither. */
export function Say({ label, placeholder, button, disabled = false, onSay, children }: SayProps): JSX.Element {
  const [text, setText] = useState('');
  const send = async () => {
    const words = text.trim();
    if (words === '' || disabled) return;
    setText('');
    if (!(await onSay(words))) setText(words);
  };
  return (
    <form
      class="say"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {children}
      <textarea
        rows={1}
        aria-label={label}
        placeholder={placeholder}
        value={text}
        maxLength={2000}
        disabled={disabled}
        dir="auto"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          void send();
        }}
      />
      <button type="submit" class="primary" disabled={disabled || text.trim() === ''}>
        {button}
      </button>
    </form>
  );
}
