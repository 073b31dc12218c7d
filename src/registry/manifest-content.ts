import { z } from 'zod';
import { parseJson } from '../facts/json.ts';
import type { IndexMember, ManifestContent } from '../facts/registry-answer.ts';

/** Every form of a manifest that runtimes have used: OCI and docker, index and single image, and the two of schema 1, to name them. */
export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws;q=0.1',
  'application/vnd.docker.distribution.manifest.v1+json;q=0.1',
].join(', ');

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);
const LAYERS = /^application\/vnd\.(?:oci\.image\.layer\.|docker\.image\.rootfs\.)/;
const MAX_MEMBERS = 500;
const MAX_LAYERS = 10_000;
/** Images have at most 127 layers. */
const MAX_DIGESTS = 200;

const Size = z.number().nonnegative().catch(0);
/** RFC 6838; what is no media type is not repeated. */
const MediaType = z
  .string()
  .regex(/^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i)
  .nullish()
  .catch(undefined);
/** image-spec, descriptor.md. */
const Digest = z.string().regex(/^[a-z0-9+._-]{1,40}:[0-9a-zA-Z=_-]{32,128}$/);
/** Go's names of systems and architectures. */
const PlatformName = z.string().regex(/^[A-Za-z0-9._-]{0,40}$/);
const Manifest = z.object({
  schemaVersion: z.number().nullish(),
  mediaType: MediaType,
  artifactType: MediaType,
  manifests: z.array(z.unknown()).nullish(),
  config: z.object({ mediaType: MediaType, size: Size }).nullish(),
  layers: z.array(z.unknown()).nullish(),
});
const Layer = z.object({ mediaType: MediaType, size: Size, digest: Digest.nullish().catch(undefined) });
const Member = z.object({
  digest: Digest,
  platform: z.object({ os: PlatformName, architecture: PlatformName, variant: PlatformName.nullish().catch(undefined) }).nullish(),
  annotations: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/** What a manifest's body turned out to be; undefined when it is no manifest at all. */
export function readManifest(body: string): ManifestContent | undefined {
  const parsed = Manifest.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { schemaVersion, mediaType, manifests, config, layers, artifactType } = parsed.data;
  if (schemaVersion === 1) return { kind: 'unsupported', because: 'it is a schema 1 manifest, which runtimes no longer pull' };
  if (manifests) return { kind: 'index', members: manifests.slice(0, MAX_MEMBERS).flatMap(memberOf) };
  if (!config || !layers) return undefined;
  const read = layers.slice(0, MAX_LAYERS).flatMap((layer) => Layer.safeParse(layer).data ?? []);
  const configType = config.mediaType ?? '';
  // Signatures carry an image's configuration type, some images none; the layers tell.
  const hasImageLayers = read.some((layer) => LAYERS.test(layer.mediaType ?? ''));
  if (!hasImageLayers && (read.length > 0 || !IMAGE_CONFIGS.has(configType))) {
    const type = artifactType || read[0]?.mediaType || configType || mediaType || 'no known type';
    return { kind: 'unsupported', because: `it is an artifact of type ${type} and not a container image` };
  }
  return {
    kind: 'image',
    bytes: read.reduce((sum, layer) => sum + layer.size, config.size),
    layers: layers.length,
    digests: read.flatMap(({ digest }) => digest ?? []).slice(0, MAX_DIGESTS),
    configType,
  };
}

/** Attestations and signatures stand in an index beside the images, with an unknown platform; a member without one fits every node. */
function memberOf(given: unknown): readonly IndexMember[] {
  const member = Member.safeParse(given).data;
  if (!member || member.platform?.os === 'unknown' || member.annotations?.['vnd.docker.reference.type'] !== undefined) return [];
  const { digest, platform } = member;
  if (!platform) return [{ digest }];
  const { os, architecture, variant } = platform;
  return [{ digest, platform: { os, architecture, ...(variant ? { variant } : {}) } }];
}
