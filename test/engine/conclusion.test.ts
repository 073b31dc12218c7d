import { describe, expect, it } from 'vitest';
import { concludeIncident } from '../../src/engine/conclusion.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { Conclusion, Run } from '../../src/runbook/run.ts';
import { OPEN } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { conclusionObject, incidentObject, runObject } from '../support/incidents.ts';
import { catalogue, classify } from '../support/rules.ts';

const IMAGE = 'registry.example/shop/web:1';
const now = () => new Date('2026-03-01T11:00:00Z');

const conclusionOf = (cause: string | null): Conclusion => ({
  ...(cause === null ? {} : { container: 'app' }),
  ...conclusionObject(cause, { family: catalogue.causes.find(({ id }) => id === cause)?.family ?? null }),
});

/** A finished run about a pod of the incident's name. */
function runOf(id: string, cause: string | null, given: { readonly run?: string; readonly image?: string } = {}): Run {
  const base = runObject({ id: given.run ?? `run-${id}`, incidentId: id });
  const image = { kind: 'container', name: 'app', image: given.image ?? IMAGE, state: { status: 'not-reached' } } as const;
  return { ...base, target: { ...base.target, pod: id, images: [image] }, conclusion: conclusionOf(cause) };
}

async function world(...ids: readonly string[]) {
  const store = new MemoryStore();
  for (const [at, id] of ids.entries()) {
    await store.incidents.create(incidentObject({ id, pod: id, openedAt: new Date(Date.UTC(2026, 2, 1, 10, 0, at)).toISOString() }));
    await store.members.add(id, [{ namespace: 'shop', pod: id, uid: id, workload: 'Deployment/web', node: '', container: 'app' }]);
  }
  const conclude = (run: Run) => concludeIncident(run, { store, catalogue, now });
  const read = (id: string): Promise<Incident> => store.incidents.read(id);
  const open = async () => (await store.incidents.list({ index: OPEN })).records.map(({ id }) => id).toSorted();
  return { store, conclude, read, open };
}

describe('the end of a run', () => {
  it('is written into its incident once', async () => {
    const { conclude, read } = await world('a');
    await conclude(runOf('a', 'tag-not-found'));
    await conclude(runOf('a', 'tag-not-found'));
    expect(await read('a')).toMatchObject({ revision: 1, outcome: { runId: 'run-a', cause: 'tag-not-found' }, life: { status: 'open' } });
  });

  it('resolves the incident where every image is there, and a later one opens it again', async () => {
    const { conclude, read, open } = await world('a');
    await conclude(runOf('a', null));
    expect((await read('a')).life).toEqual({ status: 'resolved', at: '2026-03-01T11:00:00.000Z', by: { kind: 'run', id: 'run-a' } });
    expect(await open()).toEqual([]);
    await conclude(runOf('a', 'tag-not-found', { run: 'second' }));
    expect((await read('a')).life).toEqual({
      status: 'reopened',
      at: '2026-03-01T11:00:00.000Z',
      resolvedAt: '2026-03-01T11:00:00.000Z',
    });
    expect(await open()).toEqual(['a']);
  });

  it('makes one incident of two where cause and subject agree, and of many at once', async () => {
    const ids = Array.from({ length: 10 }, (_, n) => `web-${n}`);
    const { store, conclude, read, open } = await world(...ids);
    await Promise.all(ids.map((id) => conclude(runOf(id, 'tag-not-found'))));
    const [one = ''] = await open();
    expect(await open()).toEqual([one]);
    for (const id of ids) if (id !== one) expect(await read(id)).toMatchObject({ joined: one, life: { status: 'open' } });
    expect((await store.members.count(one)).pod).toBe(ids.length);
  });

  it('makes the younger of two a part of the older, whichever ends first, with members, keys and parts', async () => {
    const { store, conclude, read, open } = await world('older', 'middle', 'younger');
    await conclude(runOf('younger', 'tag-not-found'));
    expect(await conclude(runOf('middle', 'tag-not-found'))).toEqual(['younger']);
    const touched = await conclude(runOf('older', 'tag-not-found'));
    expect(touched).toEqual(['middle']);
    expect(await open()).toEqual(['older']);
    expect([(await read('younger')).joined, (await read('middle')).joined]).toEqual(['older', 'older']);
    expect(await store.members.count('older')).toMatchObject({ pod: 3, failing: 3, namespace: 1 });
    // Whoever was found by the younger one's keys is found in the older.
    await store.incidents.create(incidentObject({ id: 'last', pod: 'last', aliases: ['k'], openedAt: '2026-03-01T12:00:00Z' }));
    expect(await conclude(runOf('last', 'tag-not-found'))).toEqual(['older']);
    expect((await store.incidents.holder('*|about|k'))?.id).toBe('older');
  });

  it('keeps apart two causes of one image in one namespace: only the first is found by it', async () => {
    const { conclude, read, open } = await world('a', 'b');
    const failing = (run: Run): Run => {
      const image = {
        ...run.target.images[0],
        kind: 'container',
        name: 'app',
        image: IMAGE,
        state: { status: 'failing', reason: 'x' },
      } as const;
      const retry = { failures: 1, certain: false, says: 'soon' };
      return { ...run, failures: [{ container: 'app', image, error: classify('not found'), message: 'not found', retry }] };
    };
    await conclude(failing(runOf('a', 'tag-not-found')));
    await conclude(failing(runOf('b', 'repository-not-found')));
    expect(await open()).toEqual(['a', 'b']);
    expect([(await read('a')).aliases.length, (await read('b')).aliases.length]).toEqual([1, 0]);
  });

  it('keeps apart what has another cause, another subject or another audience', async () => {
    const { store, conclude, open } = await world('a', 'b', 'c');
    await store.incidents.create(incidentObject({ id: 'd', pod: 'd', audience: { kind: 'channel', channel: 'C9' } }));
    await conclude(runOf('a', 'tag-not-found'));
    await conclude(runOf('b', 'repository-not-found'));
    await conclude(runOf('c', 'tag-not-found', { image: 'registry.example/shop/web:2' }));
    await conclude(runOf('d', 'tag-not-found'));
    expect(await open()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('sets an incident free again whose next run says something else', async () => {
    const { conclude, read, open } = await world('a', 'b');
    await conclude(runOf('a', 'tag-not-found'));
    await conclude(runOf('b', 'tag-not-found'));
    expect(await open()).toEqual(['a']);
    await conclude(runOf('b', 'repository-not-found', { run: 'second' }));
    expect((await read('b')).joined).toBeUndefined();
    expect(await open()).toEqual(['a', 'b']);
  });

  it('does not open an incident again beside the one that is open about its pod', async () => {
    const { store, conclude, read, open } = await world('a');
    await conclude(runOf('a', null));
    await store.incidents.create(incidentObject({ id: 'later', pod: 'a' }));
    await conclude(runOf('a', 'tag-not-found', { run: 'second' }));
    expect(await read('a')).toMatchObject({ life: { status: 'resolved', by: { kind: 'incident', id: 'later' } }, joined: 'later' });
    expect(await open()).toEqual(['later']);
  });

  it('keeps the key of the first error while that can stand for the cause', async () => {
    const { store, conclude, read } = await world();
    const key = (family: string) => `test|?${family}|x`;
    await store.incidents.create(incidentObject({ id: 'a', pod: 'a', identity: { provisional: key('image') } }));
    await store.incidents.create(incidentObject({ id: 'b', pod: 'b', identity: { provisional: key('credentials') } }));
    await conclude(runOf('a', 'tag-not-found'));
    await conclude(runOf('b', 'repository-not-found'));
    expect((await read('a')).identity.provisional).toBe(key('image'));
    expect((await read('b')).identity.provisional).toBeUndefined();
    expect((await read('b')).identity.established).toBeTypeOf('string');
  });
});
