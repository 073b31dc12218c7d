import { randomUUID } from 'node:crypto';

/** What becomes of a trigger that an app uses, in Slack's words. */
export type TriggerUse = 'fine' | 'trigger_expired' | 'trigger_exchanged' | 'invalid_trigger_id';

/** The triggers that deliveries carry: each opens one window, within `limitMs`. */
export class Triggers {
  readonly #limitMs: number;
  readonly #made = new Map<string, { readonly at: number; used: boolean }>();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  make(): string {
    const id = `${this.#made.size + 1}.${randomUUID()}`;
    this.#made.set(id, { at: Date.now(), used: false });
    return id;
  }

  use(id: string): TriggerUse {
    const trigger = this.#made.get(id);
    if (!trigger) return 'invalid_trigger_id';
    if (trigger.used) return 'trigger_exchanged';
    if (Date.now() - trigger.at > this.#limitMs) return 'trigger_expired';
    trigger.used = true;
    return 'fine';
  }
}
