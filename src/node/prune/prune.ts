import { CodedError } from '../../errors.ts';
import type { ContainerRuntime } from '../cri/runtime.ts';
import type { Host } from '../host.ts';
import { imageSince } from '../image-since.ts';
import { bareId, readUsedImages } from '../image-use.ts';
import { isSandboxImage, sandboxNames } from '../sandbox-image.ts';
import { FreeSpace } from './free-space.ts';
import type { PruneOutcome, Stop } from './outcome.ts';
import type { PlannedImage, PrunePlan } from './plan.ts';
import { keptBy } from './rules.ts';

/** What a pruning works with. */
export interface PruneParts {
  readonly runtime: ContainerRuntime;
  readonly host: Pick<Host, 'room' | 'modified'>;
  readonly now: () => Date;
  /** Waits between two measurements. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Ends it after the removal that is under way. */
  readonly signal: AbortSignal;
}

/** What a pruning did, whichever way it ended. */
export interface PruneResult {
  readonly images: readonly { readonly planned: PlannedImage; readonly outcome: PruneOutcome }[];
  readonly ended: { readonly status: Stop; readonly because?: string };
  readonly freeBytes?: { readonly mountpoint: string; readonly before: number; readonly after: number; readonly goal?: number };
}

/** Thrown between two images where the rest is left alone. */
class Stopped extends Error {
  readonly status: Exclude<Stop, 'done'>;

  constructor(status: Exclude<Stop, 'done'>, because: string) {
    super(because);
    this.status = status;
  }
}

/** A pruning under way. */
interface Run extends PruneParts {
  readonly plan: PrunePlan;
  readonly outcomes: Map<PlannedImage, PruneOutcome>;
  /** Of the images' file systems, as the runtime names them. */
  readonly mountpoints: readonly string[];
}

/**
 * Removes the images of a plan one after the other. Everything is looked at anew right before each removal; of an image that is kept, the reason is
 * told, and the rest goes on. It stops where a container's image cannot be told, the runtime fails, or the disk cannot be measured though a goal is
 * set. Done twice, it finds the first one's images absent.
 */
export async function prune(plan: PrunePlan, parts: PruneParts): Promise<PruneResult> {
  const outcomes: Run['outcomes'] = new Map();
  let space: FreeSpace | undefined;
  let ended: PruneResult['ended'] = { status: 'done' };
  try {
    const mountpoints = (await parts.runtime.filesystems()).images.map(({ mountpoint }) => mountpoint);
    space = new FreeSpace(mountpoints[0] ?? '', parts.host);
    await removeAll({ ...parts, plan, outcomes, mountpoints }, space);
  } catch (cause) {
    ended = endOf(cause);
  }
  const { goalFreeBytes: goal } = plan;
  // Only a goal has to know in between what each removal came to.
  if (goal === undefined && [...outcomes.values()].some(({ status }) => status === 'removed'))
    await space?.settle(parts.pause, parts.signal);
  const change = space?.change;
  return {
    images: plan.images.map((planned) => ({ planned, outcome: outcomes.get(planned) ?? { status: 'not-reached' } })),
    ended,
    ...(change === undefined ? {} : { freeBytes: { ...change, ...(goal === undefined ? {} : { goal }) } }),
  };
}

/** What was not foreseen is thrown on. */
function endOf(cause: unknown): PruneResult['ended'] {
  if (cause instanceof Stopped) return { status: cause.status, because: cause.message };
  if (cause instanceof CodedError) return { status: 'runtime', because: cause.message };
  throw cause;
}

async function removeAll(run: Run, space: FreeSpace): Promise<void> {
  const { plan, runtime, signal, pause, outcomes } = run;
  let free = await space.measure();
  if (free === undefined && plan.goalFreeBytes !== undefined)
    throw new Stopped('unmeasured', `The file system of the images (${space.mountpoint || 'not named'}) cannot be measured from here.`);
  const sandboxes = sandboxNames((await runtime.status()).configuration);
  for (const planned of plan.images) {
    if (signal.aborted) throw new Stopped('interrupted', 'It was told to end.');
    if (plan.goalFreeBytes !== undefined && (free ?? 0) >= plan.goalFreeBytes) throw new Stopped('goal-reached', `${free} bytes are free.`);
    await removeOne(planned, sandboxes, run);
    if (plan.goalFreeBytes === undefined || outcomes.get(planned)?.status !== 'removed') continue;
    await space.settle(pause, signal);
    free = space.change?.after;
  }
}

/** Looks at everything anew, then removes the image, or says why not. */
async function removeOne(planned: PlannedImage, sandboxes: readonly string[], run: Run): Promise<void> {
  const { plan, runtime, host, now, outcomes, mountpoints } = run;
  const { images, unresolved } = await readUsedImages(runtime);
  const current = images.find(({ id }) => bareId(id) === bareId(planned.id));
  if (!current) return void outcomes.set(planned, { status: 'absent' });
  const [unknown] = unresolved;
  if (unknown)
    throw new Stopped('unresolved', `The image of container ${unknown.name || unknown.container} cannot be told: ${unknown.because}`);
  const since = imageSince(current, mountpoints, host);
  const kept = keptBy({ planned, current, plan, sandbox: isSandboxImage(current, sandboxes), since, now: now() });
  if (kept) return void outcomes.set(planned, { status: 'kept', ...kept });
  try {
    await runtime.remove(current.id);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    // CRI-O refuses what is in use by itself.
    if (cause.code === 'node/refused') return void outcomes.set(planned, { status: 'kept', rule: 'refused', because: cause.message });
    outcomes.set(planned, { status: 'unknown', because: cause.message });
    throw cause;
  }
  outcomes.set(planned, { status: 'removed' });
  if ((await runtime.image(current.id)) !== undefined)
    outcomes.set(planned, { status: 'kept', rule: 'still-there', because: 'the runtime still lists it after removing it' });
}
