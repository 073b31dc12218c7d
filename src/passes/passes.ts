import { createHash, timingSafeEqual } from 'node:crypto';
import { unlessGone } from '../store/collection.ts';
import { KINDS } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import { INVITATION_MS, type Pass, VISIT_MS } from './pass.ts';

/** Who is given a pass, and for what. */
export type Holder = Pick<Pass, 'incidentId' | 'user' | 'channel' | 'team'>;

/** Gives out passes and knows them again. Everything throws `store/unavailable` (retryable) where the store cannot be reached. */
export interface Passes {
  /** The key of a new invitation, and until when it can be opened. */
  invite(holder: Holder): Promise<{ readonly key: string; readonly until: Date }>;
  /** The invitation of a key, which stays good; undefined for one that is no invitation to this incident, or no longer. */
  invitation(key: string, incidentId: string): Promise<Pass | undefined>;
  /** Uses an invitation up: of all who try, one is given the key of a visit. */
  open(key: string, incidentId: string): Promise<{ readonly key: string; readonly visit: Pass } | undefined>;
  /** The visit of a key; undefined for one that is no visit to this incident, or no longer. */
  visit(key: string, incidentId: string): Promise<Pass | undefined>;
  /** Ends a visit, where access was withdrawn. */
  end(visit: Pass): Promise<void>;
}

const ID_BYTES = 16;
const SECRET_BYTES = 32;
/** A key is the id of the pass, by which it is found, and the secret, which alone proves it: 48 bytes in base64url. */
const KEY = /^[A-Za-z0-9_-]{64}$/;

/** Passes in a store. Of a secret only its hash is kept, so nobody with the store can open a page. `randomBytes` has to be as random as Node's own. */
export function createPasses(given: {
  readonly store: Pick<Store, 'collection'>;
  readonly now: () => Date;
  readonly randomBytes: (length: number) => Buffer;
}): Passes {
  const { now, randomBytes } = given;
  const passes = given.store.collection(KINDS.passes);

  async function give(
    kind: Pass['kind'],
    { incidentId, user, channel, team }: Holder,
  ): Promise<{ readonly key: string; readonly pass: Pass }> {
    const [id, secret] = [randomBytes(ID_BYTES), randomBytes(SECRET_BYTES)];
    const since = now();
    const pass: Pass = {
      id: id.toString('hex'),
      revision: 0,
      kind,
      secretHash: hashOf(secret).toString('hex'),
      incidentId,
      user,
      ...(channel === undefined ? {} : { channel }),
      ...(team === undefined ? {} : { team }),
      since: since.toISOString(),
      until: new Date(since.getTime() + (kind === 'invitation' ? INVITATION_MS : VISIT_MS)).toISOString(),
    };
    await passes.create(pass);
    return { key: Buffer.concat([id, secret]).toString('base64url'), pass };
  }

  async function find(kind: Pass['kind'], key: string, incidentId: string): Promise<Pass | undefined> {
    if (!KEY.test(key)) return undefined;
    const bytes = Buffer.from(key, 'base64url');
    const pass = await unlessGone(passes.read(bytes.subarray(0, ID_BYTES).toString('hex')));
    if (pass === undefined || !isSecret(bytes.subarray(ID_BYTES), pass)) return undefined;
    return pass.kind === kind && pass.incidentId === incidentId && now().getTime() < Date.parse(pass.until) ? pass : undefined;
  }

  return {
    async invite(holder) {
      const { key, pass } = await give('invitation', holder);
      return { key, until: new Date(pass.until) };
    },
    invitation: (key, incidentId) => find('invitation', key, incidentId),
    async open(key, incidentId) {
      const invitation = await find('invitation', key, incidentId);
      // Whoever takes it away has used it, whatever others read before.
      if (invitation === undefined || !(await passes.remove(invitation.id))) return undefined;
      const { key: visitKey, pass } = await give('visit', invitation);
      return { key: visitKey, visit: pass };
    },
    visit: (key, incidentId) => find('visit', key, incidentId),
    end: async ({ id }) => void (await passes.remove(id)),
  };
}

function hashOf(secret: Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Takes the same time whatever is wrong. */
function isSecret(secret: Uint8Array, { secretHash }: Pass): boolean {
  return timingSafeEqual(hashOf(secret), Buffer.from(secretHash, 'hex'));
}
