import { z } from 'zod';
import { parseJson } from '../diagnosis/json.ts';
import type { IndexMember, ManifestContent } from '../diagnosis/registry-answer.ts';

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
const MAX_MEMBERS = 500;
const MAX_LAYERS = 10_000;

const Size = z.number().nonnegative().catch(0);
const Platform = z.object({ os: z.string().max(40), architecture: z.string().max(40), variant: z.string().max(40).nullish() });
const Manifest = z.object({
  schemaVersion: z.number().nullish(),
  mediaType: z.string().nullish(),
  artifactType: z.string().nullish(),
  manifests: z
    .array(z.object({ digest: z.string().max(200), platform: Platform.nullish().catch(undefined), annotations: z.record(z.string(), z.unknown()).nullish() }))
    .max(10_000)
    .nullish(),
  config: z.object({ mediaType: z.string().nullish(), size: Size }).nullish(),
  layers: z.array(z.object({ size: Size })).max(MAX_LAYERS).nullish(),
});

/** What a manifest's body turned out to be; undefined when it is no manifest at all. */
export function readManifest(body: string): ManifestContent | undefined {
  const parsed = Manifest.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { schemaVersion, mediaType, manifests, config, layers, artifactType } = parsed.data;
  if (schemaVersion === 1) return { kind: 'unsupported', because: 'it is a schema 1 manifest, which runtimes no longer pull' };
  if (manifests) return { kind: 'index', members: manifests.flatMap(memberOf).slice(0, MAX_MEMBERS) };
  if (!config || !layers) return undefined;
  const configType = (config.mediaType ?? '').slice(0, 100);
  if (!IMAGE_CONFIGS.has(configType)) {
    const type = artifactType || configType || mediaType || 'no known type';
    return { kind: 'unsupported', because: `it is an artifact of type ${type.slice(0, 100)} and not a container image` };
  }
  const bytes = layers.reduce((sum, layer) => sum + layer.size, config.size);
  return { kind: 'image', bytes, layers: layers.length, configType };
}

/** Attestations and signatures stand in an index beside the images, with an unknown platform. */
function memberOf(member: NonNullable<z.infer<typeof Manifest>['manifests']>[number]): readonly IndexMember[] {
  const { digest, platform } = member;
  if (!platform || platform.os === 'unknown' || member.annotations?.['vnd.docker.reference.type'] !== undefined) return [];
  const { os, architecture, variant } = platform;
  return [{ digest, platform: { os, architecture, ...(variant ? { variant } : {}) } }];
}
