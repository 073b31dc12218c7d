import { randomUUID } from 'node:crypto';

/** What becomes of a trigger that an app uses: who made it, or Slack's word for what is wrong. */
export type TriggerUse = { readonly user: string } | { readonly error: 'trigger_expired' | 'trigger_exchanged' | 'invalid_trigger_id' };

/** The triggers that deliveries carry: each opens one window, within `limitMs`. */
export class Triggers {
  readonly #limitMs: number;
  readonly #made = new Map<string, { readonly at: number; readonly user: string; used: boolean }>();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** For what this person does. */
  make(user: string): string {
    const id = `${this.#made.size + 1}.${randomUUID()}`;
    this.#made.set(id, { at: Date.now(), user, used: false });
    return id;
  }

  spend(id: string): TriggerUse {
    const trigger = this.#made.get(id);
    if (!trigger) return { error: 'invalid_trigger_id' };
    if (trigger.used) return { error: 'trigger_exchanged' };
    if (Date.now() - trigger.at > this.#limitMs) return { error: 'trigger_expired' };
    trigger.used = true;
    return { user: trigger.user };
  }
}
