import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PATIENCE_MS } from './eventually.ts';

/** An API server to hold to the contract. */
export interface ApiTarget {
  /** Answers without a login, as `kubectl proxy` does. */
  readonly url: string;
  /** A namespace of its own; in a real cluster nothing else happens there. */
  readonly namespace: string;
  /** Asks with a token that nobody has; answers with the status. */
  readonly strangerStatus: () => Promise<number>;
  /** Makes early versions expire; in a real cluster they have long. */
  readonly compact: () => void;
}

const Metadata = z.looseObject({ name: z.string(), uid: z.string(), resourceVersion: z.string(), creationTimestamp: z.string() });
const Stored = z.looseObject({ kind: z.string().optional(), metadata: Metadata });
const Status = z.looseObject({
  kind: z.literal('Status'),
  status: z.literal('Failure'),
  reason: z.string(),
  code: z.number(),
  message: z.string(),
});
const List = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ resourceVersion: z.string(), continue: z.string().optional(), remainingItemCount: z.number().optional() }),
  items: z.array(Stored),
});
const Change = z.looseObject({
  type: z.string(),
  object: z.looseObject({
    metadata: z.looseObject({ name: z.string().optional(), resourceVersion: z.string().optional() }).optional(),
    code: z.number().optional(),
  }),
});

/** What this program and its tests rely on, whichever API server answers. Each test uses names of its own. */
export function describeApi(what: string, target: () => ApiTarget): void {
  const path = (resource: string) =>
    `${target().url}${resource === 'leases' ? '/apis/coordination.k8s.io' : '/api'}/v1/namespaces/${target().namespace}/${resource}`;
  const send = async (method: string, url: string, body?: object) => {
    const response = await fetch(url, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const refused = async (method: string, url: string, body?: object) => {
    const { reason, code } = Status.parse((await send(method, url, body)).body);
    return { reason, code };
  };
  const list = async (resource: string, query: Readonly<Record<string, string>> = {}) =>
    List.parse((await send('GET', `${path(resource)}?${new URLSearchParams(query)}`)).body);
  const secret = (name: string, more: object = {}) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, ...more }, data: {} });
  const make = async (resource: string, object: object) => Stored.parse((await send('POST', path(resource), object)).body);
  /** Secrets of one test: their label. */
  const some = async (count: number) => {
    const label = `t${randomUUID().slice(0, 8)}`;
    for (let n = 0; n < count; n++) await make('secrets', secret(`${label}-${n}`, { labels: { test: label, n: String(n) } }));
    return { label, selector: `test=${label}` };
  };
  const names = ({ items }: z.infer<typeof List>) => items.map(({ metadata }) => metadata.name);
  const namesOf = async (resource: string, query: Readonly<Record<string, string>>) => names(await list(resource, query));

  /** Lines of a watch, until so many came or it ends. */
  async function watched(
    resource: string,
    query: Readonly<Record<string, string>>,
    most: number,
    meanwhile: () => Promise<void> = async () => undefined,
  ) {
    const stop = new AbortController();
    const url = `${path(resource)}?${new URLSearchParams({ watch: '1', timeoutSeconds: '20', ...query })}`;
    const response = await fetch(url, { signal: stop.signal });
    const changes: z.infer<typeof Change>[] = [];
    const done = meanwhile();
    let left = '';
    for await (const part of response.body ?? []) {
      const lines = (left + Buffer.from(part).toString()).split('\n');
      left = lines.pop() ?? '';
      changes.push(...lines.map((line) => Change.parse(JSON.parse(line))));
      if (changes.length >= most) break;
    }
    await done;
    stop.abort();
    return { status: response.status, changes };
  }
  const told = ({ changes }: { readonly changes: readonly z.infer<typeof Change>[] }) =>
    changes.map(({ type, object }) => [type, object.metadata?.name]);

  describe(what, () => {
    it('stores an object with a uid, a time and a version, once', async () => {
      const { label } = await some(1);
      const { status, body } = await send('GET', `${path('secrets')}/${label}-0`);
      expect([status, Stored.parse(body)]).toMatchObject([
        200,
        { kind: 'Secret', metadata: { name: `${label}-0`, labels: { test: label } } },
      ]);
      expect(await refused('POST', path('secrets'), secret(`${label}-0`))).toEqual({ reason: 'AlreadyExists', code: 409 });
    });

    it('says in a Status what it does not have, and what it does not understand', async () => {
      expect(await refused('GET', `${path('pods')}/nobody`)).toEqual({ reason: 'NotFound', code: 404 });
      expect(await refused('DELETE', `${path('secrets')}/nobody`)).toEqual({ reason: 'NotFound', code: 404 });
      expect((await send('GET', path('nothings'))).status).toBe(404);
      expect(await refused('GET', `${path('pods')}?fieldSelector=spec.colour%3Dred`)).toEqual({ reason: 'BadRequest', code: 400 });
      expect(await refused('GET', `${path('pods')}?labelSelector=a%3D%3D%3Db`)).toEqual({ reason: 'BadRequest', code: 400 });
      expect(await refused('GET', `${path('pods')}?limit=many`)).toEqual({ reason: 'BadRequest', code: 400 });
      expect(await refused('GET', `${path('pods')}?limit=1&continue=garbage`)).toEqual({ reason: 'BadRequest', code: 400 });
    });

    it('does not know a stranger', async () => {
      expect(await target().strangerStatus()).toBe(401);
    });

    it('lists in pages, all of one moment, in the order of names', async () => {
      const { label } = await some(5);
      const first = await list('secrets', { limit: '2' });
      const all = [...names(first)];
      await make('secrets', secret(`${label}-2a`));
      await send('DELETE', `${path('secrets')}/${label}-3`);
      for (let token = first.metadata.continue; token; ) {
        const page = await list('secrets', { limit: '2', continue: token });
        expect(page.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
        all.push(...names(page));
        token = page.metadata.continue;
      }
      const mine = all.filter((name) => name.startsWith(label));
      expect(mine).toEqual([0, 1, 2, 3, 4].map((n) => `${label}-${n}`));
      expect(all).toEqual(all.toSorted());
      expect(await namesOf('secrets', { labelSelector: `test=${label}` })).toEqual([0, 1, 2, 4].map((n) => `${label}-${n}`));
    });

    it('says how many are left, but not with a selector', async () => {
      const { selector } = await some(3);
      const page = await list('secrets', { limit: '1' });
      expect(page.metadata.remainingItemCount).toBeGreaterThanOrEqual(2);
      const selected = await list('secrets', { limit: '1', labelSelector: selector });
      expect([selected.items.length, selected.metadata.continue !== undefined, selected.metadata.remainingItemCount]).toEqual([
        1,
        true,
        undefined,
      ]);
    });

    it('sends everything for resourceVersion 0, whatever the limit, but for events, of which it has no cache', async () => {
      const { label, selector } = await some(3);
      expect((await namesOf('secrets', { resourceVersion: '0', limit: '1', labelSelector: selector })).length).not.toBe(1);
      for (let n = 0; n < 3; n++) await make('events', eventOf(`${label}-${n}`, label, 'Failed'));
      expect(await namesOf('events', { resourceVersion: '0', limit: '1', fieldSelector: `involvedObject.name=${label}` })).toHaveLength(1);
    });

    it('selects by labels', async () => {
      const { label, selector } = await some(4);
      const numbers = async (more: string) =>
        (await namesOf('secrets', { labelSelector: `${selector},${more}` })).map((name) => name.slice(label.length + 1));
      expect(await numbers('n in (1, 3)')).toEqual(['1', '3']);
      expect(await numbers('n notin (1,3)')).toEqual(['0', '2']);
      expect(await numbers('n!=0')).toEqual(['1', '2', '3']);
      expect(await numbers('n==2')).toEqual(['2']);
      expect(await numbers('n')).toHaveLength(4);
      expect(await numbers('!n')).toEqual([]);
    });

    const eventOf = (name: string, pod: string, reason: string) => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name },
      involvedObject: { kind: 'Pod', namespace: target().namespace, name: pod, uid: `uid-${pod}` },
      reason,
      message: 'made by a test',
      type: 'Warning',
      source: { component: 'kubelet', host: 'node-1' },
    });

    it('selects events by the object that they are about, by source, by reason and by what is not the reason', async () => {
      const label = `e${randomUUID().slice(0, 8)}`;
      for (const reason of ['Failed', 'Pulling', 'BackOff'])
        await make('events', eventOf(`${label}.${reason.toLowerCase()}`, label, reason));
      const found = async (fields: string) =>
        (await namesOf('events', { fieldSelector: `involvedObject.name=${label},${fields}` })).map((name) => name.slice(label.length + 1));
      expect(await found('reason=Failed')).toEqual(['failed']);
      expect(await found('reason!=Pulling,reason!=BackOff')).toEqual(['failed']);
      expect(await found(`involvedObject.kind=Pod,involvedObject.uid=uid-${label}`)).toEqual(['backoff', 'failed', 'pulling']);
      expect(await found('involvedObject.kind=Node')).toEqual([]);
      expect(await found('source=kubelet')).toHaveLength(3);
      expect(await namesOf('events', { fieldSelector: `metadata.name=${label}.failed` })).toEqual([`${label}.failed`]);
    });

    it(
      'tells changes after a version, in their order, as far as they are selected',
      async () => {
        const { label, selector } = await some(1);
        const { metadata } = await list('secrets', { labelSelector: selector });
        const query = { resourceVersion: metadata.resourceVersion, labelSelector: selector };
        const seen = await watched('secrets', query, 4, async () => {
          await make('secrets', secret(`${label}-else`));
          await make('secrets', secret(`${label}-new`, { labels: { test: label } }));
          await send('PUT', `${path('secrets')}/${label}-0`, secret(`${label}-0`, { labels: { test: label, changed: 'yes' } }));
          // What leaves the selection is gone for who watches.
          await send('PUT', `${path('secrets')}/${label}-0`, secret(`${label}-0`, { labels: { test: 'other' } }));
          await send('DELETE', `${path('secrets')}/${label}-new`);
        });
        expect(told(seen)).toEqual([
          ['ADDED', `${label}-new`],
          ['MODIFIED', `${label}-0`],
          ['DELETED', `${label}-0`],
          ['DELETED', `${label}-new`],
        ]);
        const versions = seen.changes.map(({ object }) => Number(object.metadata?.resourceVersion));
        expect(versions).toEqual(versions.toSorted((a, b) => a - b));
        // From an earlier version everything comes once more.
        expect(told(await watched('secrets', query, 4))).toEqual(told(seen));
      },
      2 * PATIENCE_MS,
    );

    it(
      'begins without a version with what is there',
      async () => {
        const { label, selector } = await some(2);
        expect(told(await watched('secrets', { labelSelector: selector }, 2))).toEqual([
          ['ADDED', `${label}-0`],
          ['ADDED', `${label}-1`],
        ]);
      },
      PATIENCE_MS,
    );

    it(
      'ends a watch when its time is over',
      async () => {
        const { status, changes } = await watched('events', { fieldSelector: 'involvedObject.name=nobody', timeoutSeconds: '1' }, 1);
        expect([status, changes]).toEqual([200, []]);
      },
      PATIENCE_MS,
    );

    it.each(['events', 'secrets'])(
      'ends a watch of %s from a version that is too old with 410',
      async (resource) => {
        await some(1);
        target().compact();
        const { changes } = await watched(resource, { resourceVersion: '1' }, 1);
        expect(changes).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } }]);
      },
      PATIENCE_MS,
    );

    it('takes a change only of the version that is there, and a deletion only of the object that was meant', async () => {
      const name = `l${randomUUID().slice(0, 8)}`;
      const lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name },
        spec: { holderIdentity: 'a', leaseTransitions: 0 },
      };
      const made = await make('leases', lease);
      const change = (resourceVersion: string, holderIdentity: string) => ({
        ...lease,
        metadata: { name, resourceVersion },
        spec: { ...lease.spec, holderIdentity },
      });
      const after = Stored.parse((await send('PUT', `${path('leases')}/${name}`, change(made.metadata.resourceVersion, 'b'))).body);
      expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
      expect(after.metadata.uid).toBe(made.metadata.uid);
      expect(await refused('PUT', `${path('leases')}/${name}`, change(made.metadata.resourceVersion, 'c'))).toEqual({
        reason: 'Conflict',
        code: 409,
      });
      const deletion = (uid: string) => ({ kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid } });
      expect(await refused('DELETE', `${path('leases')}/${name}`, deletion(randomUUID()))).toEqual({ reason: 'Conflict', code: 409 });
      expect((await send('DELETE', `${path('leases')}/${name}`, deletion(made.metadata.uid))).status).toBe(200);
      // A Lease that is gone comes back by a change, as another object; a Secret does not.
      const { status, body } = await send('PUT', `${path('leases')}/${name}`, change('', 'd'));
      expect([status, Stored.parse(body).metadata.uid === made.metadata.uid]).toEqual([201, false]);
      expect(await refused('PUT', `${path('secrets')}/${name}`, secret(name))).toEqual({ reason: 'NotFound', code: 404 });
    });
  });
}
