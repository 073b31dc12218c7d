import { labelled } from '../../src/approval/canonical-json.ts';
import { Proposal, planDigest } from '../../src/approval/plan.ts';
import { PlanRecordSchema } from '../../src/approval/plan-record.ts';
import type { Task } from '../../src/queue/task-queue.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { KINDS, OPEN } from '../../src/store/kinds.ts';
import { listMember } from '../../src/store/record-kind.ts';
import { newKeys } from '../support/signing-keys.ts';
import { CLUSTER, ORGANISATION, type PlanWorld, WHO } from './plan-world.ts';
import type { Seeded } from './seeded.ts';

/** A record as anybody with the store's password sees it. */
type Raw = Record<string, unknown>;

/** Somebody with the password of Redis, a copy of all that was ever in it, and a key of their own. */
export interface Intruder {
  /** Takes a copy of every record as it is now. */
  copy(planIds: readonly string[]): void;
  /** Does something at random; the plan it is about, and what it was called. */
  attack(): { readonly planId: string; readonly what: string };
}

/** A plan as it is stored, without a look at who signed it. */
function unsealedLike(sealed: unknown): Proposal | undefined {
  return Proposal.safeParse((sealed as Raw | undefined)?.['content']).data;
}

/** Makes one. Everything that it does follows from the numbers. */
export function intruder(world: PlanWorld, random: Seeded): Intruder {
  let planIds: readonly string[] = [];
  const own = newKeys();
  const copies: Raw[] = [];
  const records = () => world.content.collections.get('plan');
  const now = () => world.now().toISOString();
  const later = (ms: number) => new Date(world.now().getTime() + ms).toISOString();

  const read = (id: string): Raw | undefined => {
    const value = records()?.records.get(id)?.value;
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  };
  const write = (id: string, value: Raw | undefined, version = 1): void => {
    const stored = records();
    if (stored === undefined) throw new Error('there are no plans');
    if (value === undefined) {
      stored.records.delete(id);
      return;
    }
    stored.records.set(id, { id, version, value, lists: [], keys: [] });
    // Whoever may write records may write lists: every plan is looked after, however its record says it has ended.
    const list = stored.indexes.get(OPEN) ?? new Map<string, string>();
    const readable = PlanRecordSchema.safeParse(value).data;
    if (readable !== undefined && readable.id === id) list.set(id, listMember(KINDS.plans, readable));
    stored.indexes.set(OPEN, list);
  };
  const otherOf = (id: string): Raw => read(random.pick(planIds.filter((one) => one !== id))) ?? {};
  const copyOf = (id: string): Raw => random.pick(copies.filter((one) => one['id'] === id));
  const anyCopy = (): Raw => random.pick(copies);
  const decisionsOf = (record: Raw): readonly Raw[] => (Array.isArray(record['decisions']) ? record['decisions'] : []) as readonly Raw[];
  const forged = (kind: string, content: unknown) => ({ content, signature: own.sign(labelled(`imagepull/${kind}/v1`, content ?? null)) });
  const changed = (sealed: unknown, more: Raw): Raw => {
    const { content, signature } = (sealed ?? {}) as Raw;
    return { content: { ...(content as Raw | undefined), ...more }, signature };
  };
  const by = { organisation: ORGANISATION, user: WHO.eve };
  /** The digests that a genuine record of this plan would name: nothing of them is secret. */
  const digestsOf = (id: string) => {
    const known = unsealedLike(copyOf(id)['proposal']);
    return { planDigest: known === undefined ? '' : planDigest(known, sha256), policyDigest: known?.policyDigest ?? '' };
  };
  const approval = (id: string) => {
    const { planDigest } = digestsOf(id);
    return { kind: 'approve', id: `forged-${random.below(1_000_000)}`, planDigest, by, at: now(), full: true, groups: [] };
  };
  const leave = (id: string) => {
    const [issuedAt, expiresAt, nonce] = [now(), later(60_000), String(random.below(1e9)).padStart(32, '0')];
    return { version: 1, cluster: CLUSTER, planId: id, ...digestsOf(id), deciders: [{ person: by }], issuedAt, expiresAt, nonce };
  };
  const grantOf = (record: Raw) => (record['grant'] ?? anyCopy()['grant']) as Raw | undefined;

  /** What is done to one record; undefined deletes it. */
  const ATTACKS: Readonly<Record<string, (record: Raw, id: string) => Raw | undefined>> = {
    'a forged approval': (record, id) => ({ ...record, decisions: [...decisionsOf(record), forged('decision', approval(id))] }),
    'an approval with the signature of another': (record, id) => ({
      ...record,
      decisions: [{ content: approval(id), signature: decisionsOf(anyCopy())[0]?.['signature'] ?? '' }],
    }),
    'a decision made an approval': (record) => ({
      ...record,
      decisions: decisionsOf(record).map((one) => changed(one, { kind: 'approve' })),
    }),
    'a decision of another plan': (record, id) => ({ ...record, decisions: [...decisionsOf(record), ...decisionsOf(otherOf(id))] }),
    'every decision there ever was': (record) => ({ ...record, decisions: copies.flatMap(decisionsOf).slice(0, 200) }),
    'a decision twenty times': (record) => ({
      ...record,
      decisions: Array.from({ length: 20 }, () => decisionsOf(record)[0]).filter(Boolean),
    }),
    'decisions taken away': (record) => ({ ...record, decisions: [] }),
    'denials taken away': (record) => ({
      ...record,
      decisions: decisionsOf(record).filter((one) => (one['content'] as Raw)['kind'] !== 'deny'),
    }),
    'its end taken away': ({ closed: _, ...record }) => record,
    'its execution taken away': ({ execution: _, effect: __, ...record }) => record,
    'all ends taken away, with denials': ({ closed: _, execution: __, effect: ___, ...record }) => ({
      ...record,
      decisions: decisionsOf(record).filter((one) => (one['content'] as Raw)['kind'] !== 'deny'),
    }),
    'an execution begun': ({ closed: _, ...record }) => ({ ...record, execution: { status: 'acting', at: now(), before: [] } }),
    'an execution done': (record) => ({ ...record, execution: { status: 'applied', at: now(), says: 'done', before: [] } }),
    'a forged grant': (record, id) => ({ ...record, grant: forged('grant', leave(id)) }),
    'a grant of the gateway for something else': (record, id) => ({
      ...record,
      grant: {
        content: leave(id),
        signature: random.pick([decisionsOf(anyCopy())[0]?.['signature'], grantOf(record)?.['signature'], '']) ?? '',
      },
    }),
    'a grant that lives longer': (record) => {
      const grant = grantOf(record);
      return grant === undefined ? record : { ...record, grant: changed(grant, { expiresAt: later(50_000), nonce: '0'.repeat(32) }) };
    },
    'a grant of another plan': (record) => ({ ...record, ...(grantOf(anyCopy()) === undefined ? {} : { grant: grantOf(anyCopy()) }) }),
    'an old grant': (record, id) => ({ ...record, ...(copyOf(id)['grant'] === undefined ? {} : { grant: copyOf(id)['grant'] }) }),
    'a forged plan': (record) => {
      const content = (record['proposal'] as Raw | undefined)?.['content'] as Raw | undefined;
      return {
        ...record,
        proposal: forged('proposal', { ...content, plan: { ...(content?.['plan'] as Raw | undefined), requesters: [] } }),
      };
    },
    'a plan with nobody who asked': (record) => {
      const plan = ((record['proposal'] as Raw | undefined)?.['content'] as Raw | undefined)?.['plan'] as Raw | undefined;
      return { ...record, proposal: changed(record['proposal'], { plan: { ...plan, requesters: [] } }) };
    },
    'the plan of another': (record, id) => ({
      ...record,
      ...(otherOf(id)['proposal'] === undefined ? {} : { proposal: otherOf(id)['proposal'] }),
    }),
    'a wish for the plan': (record) => ({ ...record, proposal: record['wish'] }),
    'no plan any more': ({ proposal: _, ...record }) => record,
    'the wish of another': (record, id) => ({ ...record, wish: otherOf(id)['wish'] ?? record['wish'] }),
    'a forged wish': (record) => ({ ...record, wish: forged('wish', (record['wish'] as Raw | undefined)?.['content']) }),
    'another cluster': (record) => ({ ...record, cluster: random.pick(['other', CLUSTER]) }),
    'another incident': (record, id) => ({ ...record, incidentId: otherOf(id)['incidentId'], runId: otherOf(id)['runId'] }),
    'another name': (record, id) => ({ ...otherOf(id), id: record['id'] }),
    'an earlier time': (record) => ({ ...record, createdAt: '2020-01-01T00:00:00Z' }),
    'an old record': (_, id) => copyOf(id),
    'an old record without its end': (_, id) => {
      const { closed: __, execution: ___, effect: ____, ...record } = copyOf(id);
      return record;
    },
    'no record any more': () => undefined,
    nonsense: () => ({ id: 7 }),
    'a field more': (record) => ({ ...record, approved: true }),
    'an approved status': (record) => ({ ...record, status: 'approved' }),
  };
  /** What is done beside records. */
  const BESIDE: Readonly<Record<string, (id: string) => void>> = {
    'claims taken away': () => world.content.claims.clear(),
    'a run that names the plan': (id) => {
      const runId = String(copyOf(id)['runId']);
      const runs = world.content.collections.get('run');
      const run = runs?.records.get(runId);
      if (runs && run)
        runs.records.set(runId, {
          id: runId,
          version: run.version,
          lists: run.lists,
          keys: run.keys,
          value: { ...(run.value as Raw), plan: { planId: random.pick([id, id, random.pick(planIds)]), status: 'proposed', since: now() } },
        });
    },
    'a forged order to end a freeze': () => queue({ kind: 'order', cluster: CLUSTER, orderId: 'forged-order', order: forgedOrder() }),
  };
  const forgedOrder = () =>
    forged('order', {
      id: 'forged-order',
      cluster: CLUSTER,
      freeze: false,
      by: [WHO.ann, WHO.bob].map((user) => ({ organisation: ORGANISATION, user })),
      at: now(),
    });
  const queue = (task: Task) => void world.queue.add(task);

  return {
    copy(ids) {
      planIds = ids;
      for (const id of planIds) {
        const record = read(id);
        if (record !== undefined) copies.push(record);
      }
    },
    attack() {
      const planId = random.pick(planIds);
      // Half of the time it is an old record that is attacked: what earlier attacks left is mostly of no use any more.
      const record = (random.below(2) === 0 ? read(planId) : undefined) ?? copyOf(planId);
      const what = random.pick([...Object.keys(ATTACKS), ...Object.keys(BESIDE)]);
      if (ATTACKS[what]) write(planId, ATTACKS[what](record, planId), random.pick([1, 1, 1, 1, 1, 0, 2, -1]));
      BESIDE[what]?.(planId);
      for (const kind of ['apply', 'look'] as const) if (random.below(2) === 0) queue({ kind, cluster: CLUSTER, planId, delayMs: 0 });
      if (random.below(8) === 0) queue({ kind: 'plan', cluster: CLUSTER, planId });
      return { planId, what };
    },
  };
}
