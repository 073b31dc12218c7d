import type { ClusterReader, EventReason } from '../cluster/cluster.ts';
import { type PullErrorClassifier, tellsCause } from '../diagnosis/message/pull-error.ts';
import { failingImages, imagesOf, mayBePulling, pullSecretsOf, workloadOf } from '../diagnosis/pod/pod.ts';
import { errorOf, isPullFailure } from '../diagnosis/pod/pod-events.ts';
import type { FailingImage } from '../diagnosis/pod/target.ts';
import { asCodedError } from '../errors.ts';
import { type Event, lastSeen, type Owner, type Pod } from '../facts/kubernetes/kubernetes-object.ts';
import { count } from '../text/wording.ts';

const MAX_EVENTS = 1000;
const MAX_JOBS = 500;
/** Pods whose own events are read, because only these tell whether a pull goes on. */
const MAX_OWN = 20;
/** A pull that began less long ago is no trouble yet. */
const LONG_MS = 120_000;

interface Where {
  readonly namespace?: string;
}

/** The events that tell what the statuses do not, and what could not be read. */
export interface Telling {
  readonly events: readonly Event[];
  readonly shortfalls: readonly string[];
}

/** Reads only the kinds of events that some status leaves open: one list each, and then the own events of pods that may hang. */
export async function readTelling(
  parts: { readonly cluster: ClusterReader; readonly classify: PullErrorClassifier; readonly now: Date },
  pods: readonly Pod[],
  where: Where,
): Promise<Telling> {
  const { cluster } = parts;
  const reasons = openReasons(pods, parts.classify);
  const lists = await Promise.all(reasons.map((reason) => readOr(() => cluster.listEvents({ ...where, reason, limit: MAX_EVENTS }), [])));
  const listed = lists.flatMap(({ value }) => value);
  const mayHang = hangingPods(pods, listed, parts);
  const own = await Promise.all(
    mayHang
      .slice(0, MAX_OWN)
      .map(({ metadata: { namespace, name, uid } }) =>
        readOr(() => cluster.listPodEvents({ namespace, name, ...(uid ? { uid } : {}) }), []),
      ),
  );
  const readAlone = new Set(mayHang.slice(0, MAX_OWN).map((pod) => pod.metadata.uid));
  // A Pulling event alone does not tell that the pull goes on; only together with all the others of its pod.
  const others = listed.filter(({ reason, involvedObject }) => reason !== 'Pulling' && !readAlone.has(involvedObject.uid ?? ''));
  const obstacles = new Set([...lists, ...own].flatMap(({ because }) => because ?? []));
  return {
    events: [...others, ...own.flatMap(({ value }) => value)],
    shortfalls: [
      ...[...obstacles].map(
        (because) =>
          `Events could not be read, so pulls that hang, pull secrets that are missing and older errors may not show. ${because}`,
      ),
      ...(lists.some(({ value }) => value.length === MAX_EVENTS)
        ? [`Of each kind of event only ${count(MAX_EVENTS, 'event')} were read; there may be more. Naming a namespace narrows it.`]
        : []),
      ...(mayHang.length > MAX_OWN ? [`${count(mayHang.length, 'pull')} may hang; only ${MAX_OWN} of them were looked into.`] : []),
    ],
  };
}

/** What the statuses of a pod's images say, as it is classified. */
export function messagesOf(pod: Pod): readonly string[] {
  return failingImages(imagesOf(pod)).map(({ state }) => messageOf(state));
}

function messageOf(state: FailingImage['state']): string {
  return `${state.reason}: ${state.message ?? ''}`;
}

function openReasons(pods: readonly Pod[], classify: PullErrorClassifier): readonly EventReason[] {
  const failing = pods.filter((pod) => failingImages(imagesOf(pod)).length > 0);
  const waiting = pods.some((pod) => imagesOf(pod).some(mayBePulling));
  return [
    // Kubelets before 1.32 do not repeat the error in the status.
    ...(failing.some((pod) => failingImages(imagesOf(pod)).some(({ state }) => !tellsCause(classify(messageOf(state)))))
      ? (['Failed'] as const)
      : []),
    ...(failing.some((pod) => pullSecretsOf(pod).length > 0) ? (['FailedToRetrieveImagePullSecret'] as const) : []),
    ...(waiting ? (['Pulling', 'FailedCreatePodSandBox'] as const) : []),
  ];
}

/** Pods with a pull that began long ago, and those whose cancelled attempt may have made no progress. */
function hangingPods(
  pods: readonly Pod[],
  events: readonly Event[],
  { now, classify }: { readonly now: Date; readonly classify: PullErrorClassifier },
): readonly Pod[] {
  const ended = new Set(
    events
      .filter(isPullFailure)
      .flatMap((event) => (errorOf(event, classify).symptom === 'pull-canceled' ? (event.involvedObject.uid ?? []) : [])),
  );
  const began = new Set(
    events.flatMap((event) =>
      event.reason === 'Pulling' && now.getTime() - Date.parse(lastSeen(event) ?? '') >= LONG_MS ? (event.involvedObject.uid ?? []) : [],
    ),
  );
  return pods.filter((pod) => {
    const images = imagesOf(pod);
    const canceled = failingImages(images).some(
      ({ state }) => ended.has(pod.metadata.uid) || classify(messageOf(state)).symptom === 'pull-canceled',
    );
    return canceled || (began.has(pod.metadata.uid) && images.some(mayBePulling));
  });
}

/** The Jobs whose pods fail, by `namespace/job`: one list, and only where such a pod fails. */
export async function readJobs(
  cluster: ClusterReader,
  pods: readonly Pod[],
  where: Where,
): Promise<{ readonly jobs: ReadonlyMap<string, Owner>; readonly shortfalls: readonly string[] }> {
  const ofJob = pods.some((pod) => workloadOf(pod)?.kind === 'Job' && failingImages(imagesOf(pod)).length > 0);
  if (!ofJob) return { jobs: new Map(), shortfalls: [] };
  const { value: jobs, because } = await readOr(() => cluster.listJobs({ ...where, limit: MAX_JOBS }), []);
  return {
    jobs: new Map(jobs.map((job) => [`${job.metadata.namespace}/${job.metadata.name}`, job])),
    shortfalls: because === undefined ? [] : [`Jobs could not be read, so a CronJob behind one is not shown. ${because}`],
  };
}

/** Statuses tell most by themselves: where the rest may not be read, or fails, the scan goes on and says so. */
async function readOr<T>(read: () => Promise<T>, otherwise: T): Promise<{ readonly value: T; readonly because?: string }> {
  try {
    return { value: await read() };
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    if (!['cluster/forbidden', 'cluster/unavailable', 'cluster/expired', 'cluster/bad-answer'].includes(code)) throw cause;
    return { value: otherwise, because: message };
  }
}
