/** Something happened inside a simulator. `kind` is a noun: `message`, `conversation`, `webhook`, `session`, `queue`, `agent`… */
export interface Change {
  simulator: 'tiktok' | 'udesk';
  kind: string;
  /** Milliseconds on the simulator's clock. */
  at: number;
  /** Ids that say where to look; never secrets. */
  ref: Record<string, string | number>;
}

export type ChangeListener = (change: Change) => void;

export interface ChangeHub {
  onChange(listener: ChangeListener): () => void;
  emit(kind: string, ref: Change['ref']): void;
}

/** A listener that throws is dropped: a page must not break the platform. */
export function createChangeHub(simulator: Change['simulator'], now: () => number): ChangeHub {
  const listeners = new Set<ChangeListener>();
  return {
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(kind, ref) {
      if (listeners.size === 0) return;
      const change: Change = { simulator, kind, at: now(), ref };
      for (const listener of [...listeners]) {
        try {
          listener(change);
        } catch {
          listeners.delete(listener);
        }
      }
    },
  };
}
