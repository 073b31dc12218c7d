import { createContext, useContext } from 'react';
import type { SlackDeed } from '../deed.ts';
import type { DeedAnswer, PersonState, SlackState } from '../state.ts';

/** A deed of the chosen person, who need not be named. */
type Omitting<D> = D extends unknown ? Omit<D, 'who'> : never;
export type OwnDeed = Omitting<SlackDeed>;

/** Who acts, and how. */
export interface Acting {
  readonly me: PersonState;
  readonly slack: SlackState;
  readonly theme: 'light' | 'dark';
  /** Does it as the chosen person; what was refused is shown. */
  readonly act: (deed: OwnDeed) => Promise<DeedAnswer>;
  readonly openThread: (message: { readonly channel: string; readonly ts: string }) => void;
  /** Shows a message of some conversation. */
  readonly goTo: (channel: string, ts: string) => void;
}

const Context = createContext<Acting | undefined>(undefined);
export const ActingProvider = Context.Provider;

export function useActing(): Acting {
  const acting = useContext(Context);
  if (acting === undefined) throw new Error('nobody acts here');
  return acting;
}

/** The name of a user as messages show it. */
export function nameIn({ bot, people }: SlackState, user: string): string {
  return user === bot.id ? bot.name : (people.find(({ id }) => id === user)?.name ?? user);
}
