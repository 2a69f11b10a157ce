import { useEffect, useState } from 'preact/hooks';
import type { DemoPatch, DemoSections } from '../demo-view.ts';

export type Link = 'connecting' | 'live' | 'lost';

export interface Demo {
  sections: DemoSections;
  link: Link;
}

/** The state as the routes tell it. EventSource reconnects by itself, and the first event after that is the whole state. */
export function useDemo(): Demo {
  const [demo, setDemo] = useState<Demo>({ sections: {}, link: 'connecting' });
  useEffect(() => {
    const source = new EventSource('/demo/events');
    source.onmessage = (event: MessageEvent<string>) => {
      const patch = JSON.parse(event.data) as DemoPatch;
      setDemo((before) => ({ link: 'live', sections: merge(before.sections, patch) }));
    };
    source.onerror = () => setDemo((before) => ({ ...before, link: 'lost' }));
    return () => source.close();
  }, []);
  return demo;
}

function merge(before: DemoSections, patch: DemoPatch): DemoSections {
  const after: Record<string, unknown> = patch.whole ? {} : { ...before };
  for (const [name, section] of Object.entries(patch.sections)) {
    if (section === null) delete after[name];
    else after[name] = section;
  }
  return after as DemoSections;
}
