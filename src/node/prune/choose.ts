import { registryOf } from '../../facts/image-reference.ts';
import { byteWords, count, list } from '../../text/wording.ts';
import type { ImagesDocument } from '../document.ts';
import { type PlannedImage, PrunePlan } from './plan.ts';
import { type ImageRule, keptBy } from './rules.ts';

type ListedImage = ImagesDocument['images'][number];

/** What a plan is made from. */
export interface ChoiceGiven {
  /** What the node listed; a choice is as good as it is new. */
  readonly listing: ImagesDocument;
  /** Images of pods that are bound to the node and have not begun. */
  readonly awaited: readonly string[];
  /** Names of images that are never removed; `*` stands for anything. */
  readonly keep: readonly string[];
  readonly minimumAgeMs: number;
  readonly now: Date;
  /** Registries that answer, as images name them (`docker.io`, `registry.example:5000`); absent where nobody asked, and then none is taken to be down. */
  readonly answering?: readonly string[] | undefined;
}

/**
 * Why an image is no part of a plan: a rule keeps it; nobody can say since when it is there; it was imported or built there, so that no registry may
 * have it; one of its registries does not answer; or the plan is full.
 */
export type LeftReason = ImageRule | 'unknown-age' | 'not-pulled' | 'registry-silent' | 'plan-full';

/** A plan for people to decide about, or in plain sentences why there is none. */
export type PruneChoice =
  | {
      readonly status: 'chosen';
      readonly plan: PrunePlan;
      /** The sizes of all that may go, as the runtime tells them. A pruning ends at its goal, and layers that other images share stay. */
      readonly expectedBytes: number;
      /** How many images are left alone, by reason. */
      readonly left: Readonly<Partial<Record<LeftReason, number>>>;
    }
  | { readonly status: 'refused'; readonly because: string };

/** More than anybody reads before approving. */
const MAX_IMAGES = 50;
/** What the kubelet's own garbage collection frees: imageGCLowThresholdPercent is 80 by default (KubeletConfiguration v1beta1), so 20 % are free then. */
const FREE_SHARE = 0.2;

const REASON_WORDS: Readonly<Record<LeftReason, string>> = {
  'in-use': 'in use',
  pinned: 'pinned',
  sandbox: 'for the sandboxes of pods',
  awaited: 'needed by a pod that has not begun',
  pattern: 'kept by a pattern',
  'too-young': 'too young',
  'other-names': 'under other names',
  'unknown-age': 'of unknown age',
  'not-pulled': 'not pulled from a registry',
  'registry-silent': 'from a registry that does not answer',
  'plan-full': 'more than a plan holds',
};

/**
 * Makes a plan from what a node listed: unused images, the largest first, until a fifth of their file system is free. Everything is judged again on
 * the node right before each removal.
 */
export function choosePrunePlan(given: ChoiceGiven): PruneChoice {
  const { listing, awaited, keep, minimumAgeMs } = given;
  const [unknown] = listing.unresolved;
  if (unknown)
    return refused(`The image of container ${unknown.name || unknown.container} cannot be told, so any may be its: ${unknown.because}`);
  // The first one is what a pruning measures.
  const filesystem = listing.filesystems.find(({ of }) => of === 'images');
  if (!filesystem?.room) return refused('The node could not measure the file system of its images, so nobody knows when enough is free.');
  const { freeBytes, totalBytes } = filesystem.room;
  const goalFreeBytes = Math.ceil(totalBytes * FREE_SHARE);
  if (freeBytes >= goalFreeBytes)
    return refused(`${byteWords(freeBytes)} of ${byteWords(totalBytes)} are free for images, which is the goal of 20 % or more.`);

  const judged = listing.images.map((image) => ({ image, reason: reasonToLeave(image, given) }));
  const may = judged.filter(({ reason }) => reason === undefined).map(({ image }) => image);
  const left = new Map<LeftReason, number>();
  for (const { reason } of judged) if (reason !== undefined) left.set(reason, (left.get(reason) ?? 0) + 1);
  if (may.length === 0) return refused(nothingMayGo(listing.images.length, left));
  may.sort((a, b) => b.bytes - a.bytes || (a.id < b.id ? -1 : 1));
  if (may.length > MAX_IMAGES) left.set('plan-full', may.length - MAX_IMAGES);
  const images = may.slice(0, MAX_IMAGES).map((image) => planned(image, listing));
  const read = PrunePlan.safeParse({
    schemaVersion: 1,
    images,
    goalFreeBytes,
    minimumAgeMs,
    keep: [...keep],
    awaited: [...new Set(awaited)].sort(),
  });
  if (!read.success) return refused(`A node would not take the plan: ${problemOf(read.error.issues[0])}.`);
  return {
    status: 'chosen',
    plan: read.data,
    expectedBytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
    left: Object.fromEntries(left),
  };
}

/** Why an image is left alone; undefined where it may go. */
function reasonToLeave(image: ListedImage, { listing, awaited, keep, minimumAgeMs, now, answering }: ChoiceGiven): LeftReason | undefined {
  // Times of files are by the node's clock; the one here may be ahead of it.
  const judgedAt = new Date(Math.min(now.getTime(), Date.parse(listing.at)));
  const kept = keptBy({
    planned: planned(image, listing),
    current: image,
    plan: { awaited: [...awaited], keep: [...keep], minimumAgeMs },
    sandbox: image.sandbox,
    now: judgedAt,
  });
  if (kept) return kept.rule === 'too-young' && image.since === undefined ? 'unknown-age' : kept.rule;
  // Runtimes note a digest when they pull; what was imported or built has none, and its registry may know nothing of it.
  if (image.digests.length === 0) return 'not-pulled';
  const silent = answering !== undefined && [...image.tags, ...image.digests].some((name) => !answering.includes(registryOf(name)));
  return silent ? 'registry-silent' : undefined;
}

/** An image whose age the node does not know is seen now for the first time. */
function planned({ id, tags, digests, bytes, since }: ListedImage, { at }: ImagesDocument): PlannedImage {
  const because = `no container uses it; ${since === undefined ? 'since when it is here is not known' : `here since ${since}`}`;
  return { id, tags: [...tags], digests: [...digests], bytes, seenAt: since ?? at, because };
}

function nothingMayGo(total: number, left: ReadonlyMap<LeftReason, number>): string {
  if (total === 0) return 'The node has no image.';
  const reasons = [...left].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([reason, n]) => `${n} ${REASON_WORDS[reason]}`);
  return `Of ${count(total, 'image')} none may go: ${list(reasons, reasons.length)}.`;
}

function problemOf(issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined): string {
  return issue === undefined ? 'unreadable' : `${issue.path.map(String).join('.')}: ${issue.message}`;
}

function refused(because: string): PruneChoice {
  return { status: 'refused', because };
}
