import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ownObjects } from './api-objects.ts';
import { type ApiStream, type ApiTarget, type Asked, ask, openStream } from './api-target.ts';

/** Types and names, in the order of a stream. */
function seen({ lines }: ApiStream): readonly string[] {
  return lines.map(({ type, object }) => `${type} ${object.metadata.name}`);
}

/** What watches have to tell. */
export function describeWatches(target: () => ApiTarget): void {
  const open: ApiStream[] = [];
  afterEach(() => {
    for (const stream of open.splice(0)) stream.close();
  });
  const watch = async (path: string, query: Asked['query'] = {}) => {
    const stream = await openStream(target(), path, query);
    open.push(stream);
    return stream;
  };
  const versionOf = async (path: string) => (await ask(target(), { path })).body.metadata.resourceVersion;

  describe('a watch', () => {
    it('tells what was added, modified and deleted after its version, with versions that rise', async () => {
      const own = await ownObjects(target());
      await own.secret('before');
      const resourceVersion = await versionOf(own.at('secrets'));
      await own.secret('a');
      const stream = await watch(own.at('secrets'), { resourceVersion });
      await own.secret('b');
      const last = await own.put(own.at('secrets', 'a'), { metadata: { name: 'a', labels: { changed: 'true' } } });
      await own.remove(own.at('secrets', 'b'));
      await eventually(() => expect(seen(stream)).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']));
      const versions = stream.lines.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(versions[2]).toBe(Number(last.metadata.resourceVersion));
      expect(versions[3]).toBeGreaterThan(versions[2] ?? 0);
      expect(stream.lines[0]?.object).toMatchObject({ kind: 'Secret', apiVersion: 'v1' });
    });

    it('begins with what is there where it names no version', async () => {
      const own = await ownObjects(target());
      await own.secret('a');
      const stream = await watch(own.at('secrets'));
      await eventually(() => expect(seen(stream)).toEqual(['ADDED a']));
      await own.secret('b');
      await eventually(() => expect(seen(stream)).toEqual(['ADDED a', 'ADDED b']));
    });

    it('tells of what begins to match and ceases to as added and deleted', async () => {
      const own = await ownObjects(target());
      await own.secret('a', { n: 'other' });
      const stream = await watch(own.at('secrets'), { resourceVersion: await versionOf(own.at('secrets')), labelSelector: 'n=wanted' });
      const label = (n: string, more = '') => own.put(own.at('secrets', 'a'), { metadata: { name: 'a', labels: { n, more } } });
      await label('wanted');
      const ceased = await label('other');
      await label('wanted');
      await label('wanted', 'more');
      await own.remove(own.at('secrets', 'a'));
      await eventually(() => expect(seen(stream)).toEqual(['ADDED a', 'DELETED a', 'ADDED a', 'MODIFIED a', 'DELETED a']));
      // As it was when it still matched, with the version at which it ceased to.
      expect(stream.lines[1]?.object.metadata).toMatchObject({
        resourceVersion: ceased.metadata.resourceVersion,
        labels: { n: 'wanted' },
      });
    });

    it('of events heeds field selectors and namespaces', async () => {
      const own = await ownObjects(target());
      const other = await ownObjects(target());
      const stream = await watch(own.at('events'), {
        resourceVersion: await versionOf(own.at('events')),
        fieldSelector: 'involvedObject.kind=Pod,reason!=Pulled',
      });
      await other.event('elsewhere', 'Failed', 'pod');
      await own.event('pulled', 'Pulled', 'pod');
      const { metadata: _, ...event } = await own.event('failed', 'Failed', 'pod');
      const { resourceVersion } = (await ask(target(), { path: own.at('events', 'failed') })).body.metadata;
      await own.put(own.at('events', 'failed'), { ...event, metadata: { name: 'failed', resourceVersion }, count: 2 });
      await eventually(() => expect(seen(stream)).toEqual(['ADDED failed', 'MODIFIED failed']));
    });

    it('ends by its time', async () => {
      const own = await ownObjects(target());
      const stream = await watch(own.at('secrets'), { resourceVersion: await versionOf(own.at('secrets')), timeoutSeconds: 1 });
      await eventually(() => expect(stream.ended()).toBe(true));
      expect(stream.lines).toEqual([]);
    });

    it.each(['secrets', 'events'] as const)('of %s ends with an error where its version is too old', async (resource) => {
      const own = await ownObjects(target());
      const stream = await watch(own.at(resource), { resourceVersion: 1 });
      expect(stream.status).toBe(200);
      await eventually(() => expect(stream.ended()).toBe(true));
      expect(stream.lines).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } }]);
      expect(stream.lines[0]?.object.message).toMatch(/too old/);
    });

    it('of events waits for a version of the future', async () => {
      const own = await ownObjects(target());
      const resourceVersion = Number(await versionOf(own.at('events'))) + 1_000_000;
      const stream = await watch(own.at('events'), { resourceVersion, timeoutSeconds: 1 });
      await own.event('early', 'Failed', 'pod');
      await eventually(() => expect(stream.ended()).toBe(true));
      expect([stream.status, seen(stream)]).toEqual([200, []]);
    });

    it('needs a version that is a number', async () => {
      expect((await ask(target(), { path: '/api/v1/secrets', query: { watch: 1, resourceVersion: 'abc' } })).status).toBe(500);
    });
  });
}
