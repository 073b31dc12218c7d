import { mayBeUnasked } from '../../approval/remedy.ts';
import { registryOf } from '../../facts/image-reference.ts';
import { lookOf } from '../../remedies/looks.ts';
import type { PlanParts } from './plan-parts.ts';
import { makeWish } from './propose.ts';

/** One node is looked at for one registry so often at most, ms. */
const AGAIN_MS = 15 * 60_000;
/** What is longer is the name of no image. */
const MAX_IMAGE = 1_000;

/**
 * Has the node of a finished run probed though nobody asked, where that tells more: the executor does it where its own configuration says so. Nothing
 * else is ever wished for by nobody.
 */
export async function probeUnasked(runId: string, parts: PlanParts): Promise<void> {
  const { store } = parts;
  const run = await store.runs.read(runId);
  const { cluster, images } = run.target;
  const image = images.find(({ name, image: { length } }) => name === run.conclusion?.container && length <= MAX_IMAGE)?.image;
  const remedy = lookOf(run, image)?.remedy;
  if (run.plan !== undefined || remedy === undefined || !mayBeUnasked(remedy) || !parts.withNodeTasks.includes(cluster)) return;
  const incident = await store.incidents.read(run.incidentId);
  const channel = incident.places[0]?.channel;
  if (channel === undefined) return;
  if ((await parts.people.channel(channel)).shared) return;
  if ((await store.claim(`probed.${cluster}.${remedy.node}.${registryOf(remedy.image ?? '')}`, AGAIN_MS)).status !== 'taken') return;
  await makeWish({ run, incident, remedy, requesters: [], channel }, parts);
}
