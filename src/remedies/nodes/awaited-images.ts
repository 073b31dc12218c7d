import type { KubeObject, ObjectWriter } from '../../cluster/writing/object-writer.ts';
import { podFields } from '../object-shape.ts';

/** Images of the pods that are bound to a node and have not ended, as their specs name them: what has not begun needs them, and what has begun may start anew. */
export async function awaitedOn(node: string, objects: Pick<ObjectWriter, 'list'>): Promise<readonly string[]> {
  const pods = await objects.list({ kind: 'Pod', fields: `spec.nodeName=${node}` });
  // A longer name is that of no image, and no runtime has one under it.
  return [...new Set(pods.flatMap(imagesOf))].filter(({ length }) => length <= MAX_NAME).sort();
}

/** As a plan takes names. */
const MAX_NAME = 512;
const ENDED: ReadonlySet<string> = new Set(['Succeeded', 'Failed']);

function imagesOf(pod: KubeObject): readonly string[] {
  const { spec, status } = podFields(pod);
  if (ENDED.has(status?.phase ?? '')) return [];
  const volumes = (spec.volumes ?? []).flatMap(({ image }) => image?.reference ?? []);
  return [...(spec.initContainers ?? []), ...spec.containers].flatMap(({ image }) => image ?? []).concat(volumes);
}
