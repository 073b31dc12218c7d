import type { Refusal } from '../../facts/registry-answer.ts';
import { createExpiringMap } from '../../timing/expiring-map.ts';
import type { Reply } from '../reply.ts';

/** One use of a login: by fingerprint, never the login itself. */
export interface LoginUse {
  readonly host: string;
  readonly login: string;
  readonly repository: string;
}

/** Keeps a wrong login from being sent again and again, which could lock the account. */
export interface LoginGate {
  /** Sends a login, unless it was refused a moment ago. The first use of a login goes alone; others wait and learn from it. */
  send(use: LoginUse, send: () => Promise<Reply>): Promise<Reply>;
}

const MAX_LOGINS = 2_000;

/** A gate that remembers for `keepMs` milliseconds, in this process's memory. */
export function createLoginGate(options: { readonly now: () => number; readonly keepMs: number }): LoginGate {
  const { now, keepMs } = options;
  const firstUses = new Map<string, Promise<void>>();
  const known = createExpiringMap<{ readonly repository: string; readonly refusal?: Refusal }>({ now, ttlMs: keepMs, max: MAX_LOGINS });

  return {
    async send({ host, login, repository }, send) {
      const key = `${host} ${login}`;
      for (let first = firstUses.get(key); first; first = firstUses.get(key)) await first;
      const before = known.get(key);
      if (before) {
        if (!before.refusal) return send();
        // A user name and password are refused as such; a token server may have refused one repository.
        const asSuch = before.refusal.status === 'unauthorized' && before.refusal.by === 'registry';
        if (asSuch || before.repository === repository) return before.refusal;
        return { status: 'not-asked', because: `${host} refused this login a moment ago, and sending it again could lock the account` };
      }
      const { promise: firstUse, resolve: release } = Promise.withResolvers<void>();
      firstUses.set(key, firstUse);
      try {
        const reply = await send();
        const refusal = loginRefusal(reply);
        if (refusal) known.set(key, { repository, refusal });
        else if (['reply', 'missing', 'forbidden'].includes(reply.status)) known.set(key, { repository });
        return reply;
      } finally {
        firstUses.delete(key);
        release();
      }
    },
  };
}

/** The refusal, if it is the login itself that was refused. */
function loginRefusal(reply: Reply): Refusal | undefined {
  if (reply.status === 'unauthorized') return reply;
  return reply.status === 'forbidden' && reply.by === 'token-server' ? reply : undefined;
}
