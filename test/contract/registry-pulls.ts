import { describe, expect, it } from 'vitest';

/** A registry with `shop/web` under the tags 1.0, 1.1 and 2.0, each an image of its own, for whoever asks. */
export interface RegistryTarget {
  readonly host: string;
}

const NOWHERE = `sha256:${'0'.repeat(64)}`;
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** What the stand-in for a registry and docker-registry have in common for those who pull. */
export function describeRegistryPulls(target: () => RegistryTarget): void {
  const ask = (path: string, method = 'GET') => fetch(`http://${target().host}${path}`, { method, headers: { accept: MANIFEST } });
  const codeOf = async (response: Response) => ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code;

  describe('a pull', () => {
    it('is greeted', async () => {
      const response = await ask('/v2/');
      expect([response.status, response.headers.get('docker-distribution-api-version')]).toEqual([200, 'registry/2.0']);
    });

    it('finds a manifest by tag and by digest, and what it names', async () => {
      const head = await ask('/v2/shop/web/manifests/1.0', 'HEAD');
      expect([head.status, await head.text(), head.headers.get('content-type')]).toEqual([200, '', MANIFEST]);
      const digest = head.headers.get('docker-content-digest') ?? '';
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      const byDigest = await ask(`/v2/shop/web/manifests/${digest}`);
      const text = await byDigest.text();
      expect([byDigest.status, byDigest.headers.get('docker-content-digest')]).toEqual([200, digest]);
      expect(text).toBe(await (await ask('/v2/shop/web/manifests/1.0')).text());
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
      const { config, layers } = JSON.parse(text) as {
        config: { digest: string; size: number };
        layers: { digest: string; size: number }[];
      };
      for (const { digest: named, size } of [config, ...layers])
        expect((await (await ask(`/v2/shop/web/blobs/${named}`)).arrayBuffer()).byteLength).toBe(size);
      const other = await ask('/v2/shop/web/manifests/1.1', 'HEAD');
      expect(other.headers.get('docker-content-digest')).not.toBe(digest);
    });

    it.each([
      ['/v2/shop/web/manifests/9', 'MANIFEST_UNKNOWN'],
      [`/v2/shop/web/manifests/${NOWHERE}`, 'MANIFEST_UNKNOWN'],
      ['/v2/shop/none/manifests/1.0', 'MANIFEST_UNKNOWN'],
      [`/v2/shop/web/blobs/${NOWHERE}`, 'BLOB_UNKNOWN'],
      ['/v2/shop/none/tags/list', 'NAME_UNKNOWN'],
    ])('of %s is told %s', async (path, code) => {
      const response = await ask(path);
      expect([response.status, await codeOf(response)]).toEqual([404, code]);
    });

    it('lists all tags, in an order that not every registry keeps to', async () => {
      const { name, tags } = (await (await ask('/v2/shop/web/tags/list')).json()) as { name: string; tags: string[] };
      expect([name, tags.sort()]).toEqual(['shop/web', ['1.0', '1.1', '2.0']]);
    });
  });
}
