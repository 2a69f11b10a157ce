import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** Runs something a person asked for; a failure is shown to them. Resolves `false` then. */
export type Act = (task: () => Promise<void>) => Promise<boolean>;

export const ActContext = createContext<Act>(() => Promise.resolve(false));

export const useAct = (): Act => useContext(ActContext);
