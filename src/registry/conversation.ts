import { apiHostOf } from '../facts/docker-hub.ts';

/** Requests to one registry about one image. `sent` counts them, those to token servers too. */
export interface Conversation {
  readonly registry: string;
  /** Serves the registry's API. */
  readonly host: string;
  sent: number;
  /** By the session's clock, in milliseconds. */
  readonly startedAt: number;
}

/** A conversation in which nothing was sent yet. */
export function startConversation(registry: string, now: number): Conversation {
  return { registry, host: apiHostOf(registry), sent: 0, startedAt: now };
}

/** What a conversation has cost so far. */
export interface Cost {
  readonly requests: number;
  readonly milliseconds: number;
}

/** The cost of a conversation at a time. */
export function costOf({ sent, startedAt }: Conversation, now: number): Cost {
  return { requests: sent, milliseconds: Math.max(0, Math.round(now - startedAt)) };
}
