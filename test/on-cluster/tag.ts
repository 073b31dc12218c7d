import { createHash } from 'node:crypto';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFESTS = [
  INDEX,
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** An image that the nodes of the cluster can pull, in a registry that takes new tags of it without a login. Throws a sentence where TEST_IMAGE is not set. */
export function pullableImage(): {
  readonly repository: string;
  giveTag(tag: string): Promise<void>;
  /** Gives the tag to something else that can be pulled as well: an index over the same image. */
  moveTag(tag: string): Promise<void>;
  /** Copies the image to another registry, with the login that it asks for. */
  copyTo(other: { readonly host: string; readonly authorization: string }, name: string, tag: string): Promise<void>;
} {
  const image = process.env['TEST_IMAGE'];
  const [, host, name, tag] = /^([^/]+)\/(.+):([^:/]+)$/.exec(image ?? '') ?? [];
  if (!host || !name || !tag)
    throw new Error(
      'Set TEST_IMAGE to HOST/NAME:TAG, an image that the nodes can pull and that may be given further tags from here without a login.',
    );
  const manifest = (reference: string) => `http://${host}/v2/${name}/manifests/${reference}`;
  async function read() {
    const found = await fetch(manifest(tag ?? ''), { headers: { accept: MANIFESTS } });
    if (!found.ok) throw new Error(`${image} cannot be read: ${found.status}`);
    return { type: found.headers.get('content-type') ?? '', body: Buffer.from(await found.arrayBuffer()) };
  }

  async function write(other: string, type: string, body: Buffer): Promise<void> {
    const put = await fetch(manifest(other), { method: 'PUT', headers: { 'content-type': type }, body });
    if (put.status !== 201) throw new Error(`${host} does not take the tag: ${put.status}`);
  }

  return {
    repository: `${host}/${name}`,
    async giveTag(other) {
      const { type, body } = await read();
      await write(other, type, body);
    },
    async moveTag(other) {
      const { type, body } = await read();
      const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
      const index = {
        schemaVersion: 2,
        mediaType: INDEX,
        manifests: [{ mediaType: type, digest, size: body.length, platform: { os: 'linux', architecture: 'amd64' } }],
      };
      await write(other, INDEX, Buffer.from(JSON.stringify(index)));
    },
    async copyTo(other, as, otherTag) {
      const { type, body } = await read();
      const { config, layers } = JSON.parse(body.toString()) as { config: { digest: string }; layers: { digest: string }[] };
      const authorization = other.authorization;
      for (const { digest } of [config, ...layers]) {
        const blob = Buffer.from(await (await fetch(`http://${host}/v2/${name}/blobs/${digest}`)).arrayBuffer());
        const begun = await fetch(`http://${other.host}/v2/${as}/blobs/uploads/`, { method: 'POST', headers: { authorization } });
        const place = new URL(begun.headers.get('location') ?? '', `http://${other.host}`);
        place.searchParams.set('digest', digest);
        await fetch(place, { method: 'PUT', headers: { authorization, 'content-type': 'application/octet-stream' }, body: blob });
      }
      const headers = { authorization, 'content-type': type };
      const put = await fetch(`http://${other.host}/v2/${as}/manifests/${otherTag}`, { method: 'PUT', headers, body });
      if (put.status !== 201) throw new Error(`${other.host} does not take the image: ${put.status}`);
    },
  };
}
