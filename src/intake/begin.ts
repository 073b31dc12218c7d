import { z } from 'zod';
import type { ClusterReader } from '../cluster/cluster.ts';
import { workloadLabel } from '../diagnosis/pod/pod.ts';
import { asCodedError } from '../errors.ts';
import type { Incident } from '../incident/incident.ts';
import type { Task } from '../queue/task-queue.ts';
import type { Run, StepState } from '../runbook/run.ts';
import type { Runbook } from '../runbook/runbook.ts';
import type { Store } from '../store/store.ts';
import { findTarget } from './find-target.ts';

/** A run that has started, and the incident that tells of it. */
export const Begun = z.object({ status: z.literal('begun'), incidentId: z.string(), runId: z.string() });
export type Begun = z.infer<typeof Begun>;

/** A question that was answered no. */
export const Refused = z.object({ status: z.literal('refused'), code: z.string(), says: z.string() });
export type Refused = z.infer<typeof Refused>;

/** Finds the pod and writes incident and run down; what an earlier delivery wrote stays. Throws what findTarget throws. */
export async function beginRun(
  task: Extract<Task, { kind: 'begin' }>,
  given: {
    readonly cluster: ClusterReader;
    readonly store: Store;
    readonly runbook: Runbook;
    readonly unwanted: Readonly<Record<string, string>>;
    readonly now: () => Date;
  },
): Promise<Begun> {
  const { store, runbook, unwanted, now } = given;
  const { incidentId, runId, place, namespace, pod, trigger } = task;
  const target = { ...(await findTarget(given.cluster, { namespace, pod })), cluster: task.cluster };
  const at = now().toISOString();
  const run: Run = {
    id: runId,
    incidentId,
    runbook: `${runbook.name}@${runbook.version}`,
    target,
    trigger,
    startedAt: at,
    revision: 0,
    steps: Object.fromEntries(Object.entries(unwanted).map(([id, because]): [string, StepState] => [id, { status: 'skipped', because }])),
    findings: [],
    failures: [],
    shortfalls: target.workloadUnread === undefined ? [] : [{ stepId: 'find-target', says: target.workloadUnread }],
  };
  const incident: Incident = {
    id: incidentId,
    revision: 0,
    place,
    cluster: target.cluster,
    namespace,
    pod: target.pod,
    workload: workloadLabel(target.workload, target.pod),
    openedAt: at,
    runIds: [runId],
  };
  // The incident first: a run whose incident is missing could not be told.
  const isNew = await unlessThere(() => store.createIncident(incident));
  if (!isNew) await store.updateIncident(incidentId, (known) => withRun(known, runId));
  await unlessThere(() => store.createRun(run));
  return { status: 'begun', incidentId, runId };
}

function withRun(incident: Incident, runId: string): Incident {
  return incident.runIds.includes(runId) ? incident : { ...incident, runIds: [...incident.runIds, runId] };
}

/** False when an earlier delivery wrote it. */
async function unlessThere(create: () => Promise<void>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (cause) {
    if (asCodedError(cause).code !== 'store/exists') throw cause;
    return false;
  }
}
