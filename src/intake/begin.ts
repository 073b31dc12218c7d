import { z } from 'zod';
import type { ClusterReader } from '../cluster/cluster.ts';
import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import { mostTelling } from '../diagnosis/pod/most-telling.ts';
import { failingImages, workloadLabel } from '../diagnosis/pod/pod.ts';
import type { Target } from '../diagnosis/pod/target.ts';
import { asCodedError } from '../errors.ts';
import { exactKey, podKey, provisionalKey } from '../incident/identity.ts';
import { type Incident, isOpen } from '../incident/incident.ts';
import type { MemberPod } from '../incident/members.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import type { Run, StepState } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { runningIn } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import { findTarget } from './find-target.ts';
import { openIncident } from './open-incident.ts';

/** What a worker made of a request: a run in an incident of its own or in one that was open, or one that goes on already. */
export const Begun = z.object({
  status: z.enum(['begun', 'running']),
  incidentId: z.string(),
  /** The run that has begun, or that goes on. */
  runId: z.string(),
});
export type Begun = z.infer<typeof Begun>;

/** A question that was answered no. */
export const Refused = z.object({ status: z.literal('refused'), code: z.string(), says: z.string() });
export type Refused = z.infer<typeof Refused>;

/** What beginning a run needs. */
export interface BeginParts {
  readonly cluster: ClusterReader;
  readonly store: Pick<Store, 'runs' | 'incidents' | 'members'>;
  readonly runbook: Runbook;
  readonly classify: PullErrorClassifier;
  readonly unwanted: Readonly<Record<string, string>>;
  readonly now: () => Date;
}

/** Finds the pod and writes incident and run down; what an earlier delivery wrote stays. Throws what findTarget throws. */
export async function beginRun(request: DiagnosisRequest, given: BeginParts): Promise<Begun> {
  const { store } = given;
  const [earlier] = await store.runs.readMany([request.id]);
  if (earlier) return { status: 'begun', incidentId: earlier.incidentId, runId: earlier.id };
  const found = await findTarget(given.cluster, request);
  const target = { ...found, cluster: request.cluster };
  const at = given.now().toISOString();
  // The incident first: a run whose incident is missing could not be told.
  const incidentId = (await incidentOfRerun(request, store)) ?? (await incidentFor(request, target, { ...given, at }));
  await store.members.add(incidentId, [memberOf(target)]);
  return startRun(runFor(request, { incidentId, target, at, ...given }), store);
}

function memberOf({ namespace, pod, uid, workload, node = '', images }: Target): MemberPod {
  const [first] = failingImages(images);
  return { namespace, pod, uid, workload: workloadLabel(workload, pod), node, container: first?.name ?? '' };
}

/** The incident that is looked into once more, or the one that was opened about its pod since it ended. */
async function incidentOfRerun({ incidentId }: DiagnosisRequest, { incidents }: BeginParts['store']): Promise<string | undefined> {
  if (incidentId === undefined) return undefined;
  const incident = await incidents.read(incidentId);
  if (isOpen(incident)) return incidentId;
  return (await incidents.holder(podKey(incident.audience, incident)))?.id ?? incidentId;
}

/** Opens an incident, or finds the open one of this pod. Another pod's is not taken before a verdict agrees with it: this pod is diagnosed by itself. */
async function incidentFor(request: DiagnosisRequest, target: Target, given: BeginParts & { readonly at: string }): Promise<string> {
  const { provisional, exact } = firstKeys(target, given.classify);
  const wanted: Incident = {
    id: request.id,
    revision: 0,
    places: request.place === undefined ? [] : [request.place],
    audience: request.audience,
    cluster: target.cluster,
    namespace: target.namespace,
    pod: target.pod,
    workload: workloadLabel(target.workload, target.pod),
    openedAt: given.at,
    trigger: request.trigger,
    identity: provisional === undefined ? {} : { provisional },
    aliases: exact === undefined ? [] : [exact],
    life: { status: 'open' },
  };
  const opened = await openIncident(given.store, wanted);
  if (opened.status === 'opened' || opened.by === 'pod') return opened.incident.id;
  return (await openIncident(given.store, { ...wanted, identity: {}, aliases: [] })).incident.id;
}

/** The keys of what the pod's most telling error is about; none where no image fails. */
function firstKeys(
  { cluster, namespace, node = '', images }: Target,
  classify: PullErrorClassifier,
): { readonly provisional?: string | undefined; readonly exact?: string } {
  const first = mostTelling(images, classify);
  if (!first) return {};
  const trouble = { cluster, namespace, node, image: first.image };
  return { provisional: provisionalKey(first.symptom, trouble), exact: exactKey(first.symptom, trouble) };
}

function runFor(
  request: DiagnosisRequest,
  given: Pick<BeginParts, 'runbook' | 'unwanted'> & { readonly incidentId: string; readonly target: Target; readonly at: string },
): Run {
  const { runbook, target } = given;
  const skipped = Object.entries(given.unwanted).map(([id, because]): [string, StepState] => [id, { status: 'skipped', because }]);
  return {
    id: request.id,
    incidentId: given.incidentId,
    runbook: `${runbook.name}@${runbook.version}`,
    target,
    trigger: request.trigger,
    startedAt: given.at,
    revision: 0,
    steps: Object.fromEntries(skipped),
    findings: [],
    failures: [],
    shortfalls: target.workloadUnread === undefined ? [] : [{ stepId: 'find-target', says: target.workloadUnread }],
  };
}

/** Of all who want to start a run in an incident at the same time, one does; the others are told which one goes on. */
async function startRun(run: Run, { runs }: BeginParts['store']): Promise<Begun> {
  const { id: runId, incidentId } = run;
  for (;;) {
    try {
      await runs.create(run);
      return { status: 'begun', incidentId, runId };
    } catch (cause) {
      const { code } = asCodedError(cause);
      if (code === 'store/exists') return { status: 'begun', incidentId, runId };
      if (code !== 'store/held') throw cause;
    }
    const running = await runs.holder(runningIn(incidentId));
    if (running) return { status: 'running', incidentId, runId: running.id };
    // It has ended in between.
  }
}
