import type { Remedy } from '../../approval/remedy.ts';
import { registryOf } from '../../facts/image-reference.ts';
import { choosePrunePlan } from '../../node/prune/choose.ts';
import { whyNotOn } from '../../node-task/allowed-nodes.ts';
import { byteWords, count, list } from '../../text/wording.ts';
import { type DraftContext, type Drafted, drafted, refused } from '../draft.ts';
import { RISK_OF } from '../remedy-risk.ts';
import { awaitedOn } from './awaited-images.ts';
import { NO_TASKS } from './probe-node.ts';

/** What was listed longer ago says too little of what a node has now, ms. */
const LISTING_MS = 3_600_000;
/** More registries than these are counted. */
const MAX_HOSTS = 3;

/** Removes images that nothing on a node uses, of those that were listed there: each by its id, with all of its names. */
export async function draftPrune(
  remedy: Extract<Remedy, { readonly id: 'prune-images' }>,
  { objects, hash, nodeTasks, listing, answers, askedAt }: DraftContext,
): Promise<Drafted> {
  const { node: name, listing: planId } = remedy;
  if (nodeTasks === undefined || nodeTasks.mode === 'off' || listing === undefined || answers === undefined) return refused(NO_TASKS);
  const node = await objects.read({ kind: 'Node', name });
  const barred = whyNotOn(node, nodeTasks.allowed);
  if (barred !== undefined) return refused(barred);
  const found = await listing(planId);
  if (found === undefined || found.node.name !== name || found.node.uid !== node.metadata.uid)
    return refused(`The images of ${name} have not been listed: have that done first.`);
  const { document: listed } = found;
  if (Date.parse(askedAt) - Date.parse(listed.at) > LISTING_MS)
    return refused(`The images of ${name} were listed more than an hour ago: have that done anew.`);
  const { keep, minimumAgeMs } = nodeTasks;
  const answering = await those(registriesOf(listed.images), answers);
  const now = new Date(askedAt);
  const chosen = choosePrunePlan({ listing: listed, awaited: await awaitedOn(name, objects), keep, minimumAgeMs, now, answering });
  if (chosen.status === 'refused') return refused(chosen.because);
  const { plan, expectedBytes } = chosen;
  const registries = registriesOf(plan.images);
  const isOne = registries.length === 1;
  return {
    status: 'drafted',
    draft: {
      remedy,
      objects: [drafted('Node', node, hash)],
      changes: [{ verb: 'create', object: 0, work: { kind: 'prune', plan: { ...plan, awaited: [] } } }],
      blast: { restarts: 0, disruptionBudgets: [] },
      risk: RISK_OF[remedy.id],
      effect:
        `Removes up to ${count(plan.images.length, 'image')} from ${name} that no container uses, ${byteWords(expectedBytes)} at most, ` +
        `until ${byteWords(plan.goalFreeBytes ?? 0)} are free. Whoever needs one again pulls it again, from ${some(registries)}.`,
      notChecked: [
        'How much becomes free, since images share layers, and whether that is enough for what waits to be pulled.',
        `Whether ${isOne ? 'the registry hands' : 'the registries hand'} each image out again: that ${isOne ? 'it answers' : 'they answer'} was seen, and from here.`,
      ],
      watched: { kind: 'task' },
    },
  };
}

type Named = { readonly tags: readonly string[]; readonly digests: readonly string[] };

/** The registries that images are pulled from, each once. */
function registriesOf(images: readonly Named[]): readonly string[] {
  return [...new Set(images.flatMap(({ tags, digests }) => [...tags, ...digests].map(registryOf)))].sort();
}

async function those(registries: readonly string[], answers: (host: string) => Promise<boolean>): Promise<readonly string[]> {
  return (await Promise.all(registries.map(async (host) => ((await answers(host)) ? [host] : [])))).flat();
}

function some(registries: readonly string[]): string {
  const more = registries.length - MAX_HOSTS;
  return more > 0 ? `${registries.slice(0, MAX_HOSTS).join(', ')} and ${more} more` : list(registries);
}
