import { describe, expect, it } from 'vitest';
import { namesOf, ownObjects } from './api-objects.ts';
import { type ApiTarget, ask } from './api-target.ts';

/** A token as it would be had it been given out at another version. */
function tokenAt(token: string | undefined, version: number): string {
  const read = JSON.parse(Buffer.from(token ?? '', 'base64url').toString('utf8')) as object;
  return Buffer.from(JSON.stringify({ ...read, rv: version })).toString('base64url');
}

/** What lists have to be like. */
export function describeLists(target: () => ApiTarget): void {
  const list = (path: string, query: Readonly<Record<string, string | number>> = {}) => ask(target(), { path, query });
  /** A namespace with the secrets a to e. */
  const withSecrets = async () => {
    const own = await ownObjects(target());
    for (const name of ['d', 'a', 'c', 'b', 'e']) await own.secret(name, { first: String(name < 'c'), name });
    return own;
  };

  describe('a list', () => {
    it('has objects in the order of their names, without their kind, and the version of the last change', async () => {
      const own = await withSecrets();
      const last = await own.secret('bb');
      const { status, body } = await list(own.at('secrets'));
      expect(status).toBe(200);
      expect(body).toMatchObject({ kind: 'SecretList', apiVersion: 'v1' });
      expect(namesOf(body)).toEqual(['a', 'b', 'bb', 'c', 'd', 'e']);
      expect(body.items?.[0]).not.toHaveProperty('kind');
      expect(Number(body.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(last.metadata.resourceVersion));
      expect(body.metadata).not.toHaveProperty('continue');
    });

    it('is empty in a namespace that is not there', async () => {
      expect((await list('/api/v1/namespaces/imagepull-none/pods')).body).toMatchObject({ kind: 'PodList', items: [] });
    });

    it('covers all namespaces where none is named', async () => {
      const own = await withSecrets();
      const { body } = await list('/api/v1/secrets', {
        fieldSelector: `metadata.namespace=${own.namespace}`,
        labelSelector: 'name in (a,b)',
      });
      expect(namesOf(body)).toEqual(['a', 'b']);
    });
  });

  describe('a list in pages', () => {
    it('says how many are left, and ends without a token', async () => {
      const own = await withSecrets();
      const first = (await list(own.at('secrets'), { limit: 2 })).body;
      expect(namesOf(first)).toEqual(['a', 'b']);
      expect(first.metadata.remainingItemCount).toBe(3);
      const rest = (await list(own.at('secrets'), { limit: 3, continue: first.metadata.continue ?? '' })).body;
      expect(namesOf(rest)).toEqual(['c', 'd', 'e']);
      expect(rest.metadata).not.toHaveProperty('continue');
      expect(rest.metadata).not.toHaveProperty('remainingItemCount');
    });

    it('shows on each page what was there at the first', async () => {
      const own = await withSecrets();
      const first = (await list(own.at('secrets'), { limit: 1 })).body;
      await own.remove(own.at('secrets', 'b'));
      await own.secret('bb');
      await own.put(own.at('secrets', 'c'), { metadata: { name: 'c', labels: { name: 'changed' } } });
      const rest = (await list(own.at('secrets'), { limit: 10, continue: first.metadata.continue ?? '' })).body;
      expect(namesOf(rest)).toEqual(['b', 'c', 'd', 'e']);
      expect(rest.items?.[1]?.metadata.labels?.['name']).toBe('c');
      expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      expect(namesOf((await list(own.at('secrets'))).body)).toEqual(['a', 'bb', 'c', 'd', 'e']);
    });

    it('counts nothing behind a selector', async () => {
      const own = await withSecrets();
      const query = { limit: 1, labelSelector: 'first=false' };
      const first = (await list(own.at('secrets'), query)).body;
      expect(namesOf(first)).toEqual(['c']);
      expect(first.metadata).not.toHaveProperty('remainingItemCount');
      const second = (await list(own.at('secrets'), { ...query, continue: first.metadata.continue ?? '' })).body;
      expect(namesOf(second)).toEqual(['d']);
    });

    it('expires, and can be gone on with as things are now', async () => {
      const own = await withSecrets();
      const { metadata } = (await list(own.at('secrets'), { limit: 2 })).body;
      await own.remove(own.at('secrets', 'c'));
      const late = await list(own.at('secrets'), { limit: 2, continue: tokenAt(metadata.continue, 1) });
      expect(late.status).toBe(410);
      expect(late.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 });
      const rest = await list(own.at('secrets'), { limit: 2, continue: late.body.metadata.continue ?? '' });
      expect(namesOf(rest.body)).toEqual(['d', 'e']);
    });

    it('refuses what is no token, no number, or two versions', async () => {
      const own = await withSecrets();
      const { metadata } = (await list(own.at('secrets'), { limit: 2 })).body;
      const refused = [
        { limit: 2, continue: 'garbage' },
        { limit: 'abc' },
        { limit: 2, continue: metadata.continue ?? '', resourceVersion: metadata.resourceVersion },
        { resourceVersion: 'abc' },
      ];
      for (const query of refused)
        expect((await list(own.at('secrets'), query as Record<string, string>)).body).toMatchObject({ reason: 'BadRequest', code: 400 });
    });
  });

  describe('a list as of a version', () => {
    it('knows no pages where any version will do and a cache has it, but of events', async () => {
      const own = await withSecrets();
      for (const name of ['x', 'y', 'z']) await own.event(name, 'Failed', 'pod');
      const first = await own.secret('f');
      // The cache has the last one by then.
      await list(own.at('secrets'), { resourceVersion: first.metadata.resourceVersion });
      expect((await list(own.at('secrets'), { limit: 2, resourceVersion: 0 })).body.items).toHaveLength(6);
      expect((await list(own.at('events'), { limit: 2, resourceVersion: 0 })).body.items).toHaveLength(2);
    });

    it('is that version with a limit or where it has to match, and not older without', async () => {
      const own = await withSecrets();
      const { resourceVersion } = (await list(own.at('secrets'))).body.metadata;
      await own.secret('f');
      await own.remove(own.at('secrets', 'a'));
      const names = async (query: Record<string, string | number>) =>
        namesOf((await list(own.at('secrets'), { resourceVersion, ...query })).body);
      expect(await names({ limit: 10 })).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(await names({ resourceVersionMatch: 'Exact' })).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('is too old, too new, or lacks its version', async () => {
      const own = await withSecrets();
      const old = await list(own.at('secrets'), { resourceVersion: 1, resourceVersionMatch: 'Exact' });
      expect(old.body).toMatchObject({ reason: 'Expired', code: 410 });
      expect((await list(own.at('secrets'), { resourceVersionMatch: 'Exact' })).status).toBe(422);
      const late = await list(own.at('secrets'), { resourceVersion: 999_999_999 });
      expect(late.body).toMatchObject({ reason: 'Timeout', code: 504 });
    });
  });
}
