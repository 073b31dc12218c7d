import type { Chat } from '../chat/chat.ts';
import type { Detector } from '../detection/sighting.ts';
import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import { CodedError } from '../errors.ts';
import type { Executor } from '../executor/executor.ts';
import { isOpen, type Place } from '../incident/incident.ts';
import type { DiagnosisRequest } from '../incident/request.ts';
import { performAlerts } from '../intake/alerts/perform.ts';
import { type Begun, beginRun } from '../intake/begin.ts';
import { createOutbox, type OutboxParts } from '../outbox/outbox.ts';
import { tellIncident } from '../outbox/tell.ts';
import { URGENCY } from '../outbox/urgency.ts';
import { subjectOf, type Task, type TaskQueue } from '../queue/task-queue.ts';
import type { CauseCatalogue } from '../remediation/cause-catalogue.ts';
import { applyEvent, type Run, type RunEvent, type StepState, stateOf } from '../runbook/run.ts';
import { FoundOnNode } from '../runbook/run-schema.ts';
import type { Runbook } from '../runbook/runbook.ts';
import { seenFromNode } from '../runbook/seen-from-node.ts';
import { settle } from '../runbook/settle.ts';
import type { Probe } from '../steps/step.ts';
import { walk } from '../store/collection.ts';
import { partsOf, runsOf } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { concludeIncident } from './conclusion.ts';
import { countVerdict } from './count-verdict.ts';
import { keepRecording } from './keep-recording.ts';
import { logBegin, logEnd, logFailure } from './log-run.ts';
import { orRefusal, performRequest } from './requests.ts';
import { resumeAll } from './resume.ts';
import { answerScan } from './scan-task.ts';
import { splitOff } from './split.ts';
import { outcomeOf } from './step-task.ts';

/** A step that was begun and has not ended. */
type StartedStep = Extract<StepState, { readonly status: 'started' }>;

/** Everything an engine works with; app.ts puts it together. */
export interface EngineParts {
  readonly runbook: Runbook;
  readonly catalogue: CauseCatalogue;
  readonly classify: PullErrorClassifier;
  readonly probes: Readonly<Record<string, Probe>>;
  /** The clusters that this process reaches, by name. */
  readonly clusters: Readonly<Record<string, ClusterParts>>;
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly chat: Chat;
  /** How long a channel rests between two messages or edits, ms; 0 for a terminal. */
  readonly paceMs: number;
  /** Where the pages on causes are; absent: cards link to none. */
  readonly docsUrl?: string | undefined;
  /** True where incidents have pages that can be asked for. */
  readonly hasPages?: boolean | undefined;
  /** Where an incident is told that nobody asked for and whose own channel cannot be written to. */
  readonly fallback?: Place | undefined;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  /** Makes plans and carries them out; absent where this process does not. */
  readonly executor?: Executor | undefined;
  /** Has the node of a finished run probed; absent where this process does not decide that. */
  readonly probe?: ((runId: string) => Promise<void>) | undefined;
  /** What is shown of plans, and what may be offered; absent where nothing is changed. */
  readonly plans?: OutboxParts['plans'];
  /** Takes what alerts lead to; absent where none can come. */
  readonly detector?: Detector | undefined;
  readonly now: () => Date;
}

/** Performs the tasks of diagnoses. Everything may be called twice, at the same time and in any order. */
export interface Engine {
  /** Finds the pod and starts a run for it, unless one goes on. Throws what findTarget throws. */
  begin(request: DiagnosisRequest): Promise<Begun>;
  /** Performs a task of the queue and answers a question with an Answer. Throws only what another delivery may mend; a step's failure is an outcome of its run. */
  perform(task: Task): Promise<unknown>;
  /** Queues again what was committed and lost before it was queued. */
  resume(): Promise<void>;
}

/** The loop of a diagnosis: fold what happened, settle, commit, then queue what is new and say it. */
export function createEngine(parts: EngineParts): Engine {
  const { runbook, store, queue, log, now } = parts;
  const outbox = createOutbox(parts);

  async function begin(request: DiagnosisRequest): Promise<Begun> {
    const { sources, unwanted } = clusterOf(request.cluster);
    const begun = await beginRun(request, { ...parts, cluster: sources.cluster, unwanted });
    const { runId, incidentId, status } = begun;
    if (status === 'begun') await log.about({ run: runId, incident: incidentId }, () => advance(runId, []));
    return begun;
  }

  function perform(task: Task): Promise<unknown> {
    return log.about(subjectOf(task), () => performAlone(task));
  }

  async function performAlone(task: Task): Promise<unknown> {
    switch (task.kind) {
      case 'begin':
        return performRequest(task.requestId, { store, queue, now, begin });
      case 'scan':
        return orRefusal(() => answerScan(task, { ...parts, clusterOf }));
      case 'step':
        return performStep(task);
      case 'alert':
        return lookInto(task);
      case 'keep':
        return keepRecording(task.correctionId, { ...parts, clusterOf });
      case 'judge':
        return judge(task);
      case 'plan':
      case 'apply':
      case 'look':
      case 'order':
      case 'choices':
        return executor().perform(task);
      case 'probe':
        return parts.probe?.(task.runId);
      case 'speak':
      case 'ask':
      case 'notice':
        return outbox.perform(task);
      default:
        return task satisfies never;
    }
  }

  function executor(): Executor {
    if (parts.executor) return parts.executor;
    throw new CodedError('engine/no-executor', 'This process makes no plans and carries none out.');
  }

  async function lookInto({ cluster: name, deliveryId }: Extract<Task, { kind: 'alert' }>): Promise<void> {
    const { detector } = parts;
    if (!detector) throw new CodedError('engine/no-detector', 'Nothing takes what alerts lead to in this process.');
    await performAlerts(deliveryId, { ...parts, cluster: clusterOf(name).sources.cluster, detector });
  }

  async function performStep(task: Extract<Task, { kind: 'step' }>): Promise<void> {
    const run = await store.runs.read(task.runId);
    const state = stateOf(run, task.stepId);
    if (state.status !== 'started' || state.attempt !== task.attempt) return; // delivered before, or no longer wanted
    const step = runbook.steps.find((candidate) => candidate.id === task.stepId);
    if (!step) throw new CodedError('engine/unknown-step', `Runbook ${runbook.name} has no step ${task.stepId}.`);
    await log.about({ incident: run.incidentId }, async () => {
      const event = await outcomeOf({ step, run, attempt: task.attempt }, { ...parts, clusterOf });
      logFailure(event, log);
      await advance(run.id, [event]);
    });
  }

  /** What a node's task found changes what a finished run says, and with it its incident and card. */
  async function judge({ runId, planId }: Extract<Task, { kind: 'judge' }>): Promise<void> {
    const { found } = await store.plans.read(planId);
    if (found === undefined) return;
    const findings = FoundOnNode.parse(found.findings);
    const { before, after } = await store.runs.update(runId, (run) => seenFromNode(run, findings, found.node, parts.catalogue));
    // A newer run, or an end that was seen meanwhile, says more of the incident than a look that was asked for before.
    const [newest] = (await store.runs.list({ index: runsOf(after.incidentId), limit: 1 })).records;
    const incident = await store.incidents.read(after.incidentId);
    if (newest?.id === runId && isOpen(incident)) await sayChange(before, after);
    else if (after !== before) await outbox.announce(after);
  }

  /** Commits before anything is queued, so that a crash in between loses no step, and queues only what this commit started. */
  async function advance(runId: string, happened: readonly RunEvent[]): Promise<Run> {
    const { before, after } = await store.runs.update(runId, (run) =>
      settle(happened.reduce(applyEvent, run), { runbook, catalogue: parts.catalogue, now: now() }),
    );
    const isNew = (stepId: string, state: StartedStep): boolean => {
      const earlier = stateOf(before, stepId);
      return earlier.status !== 'started' || earlier.attempt !== state.attempt;
    };
    await Promise.all([queueSteps(after, isNew), sayChange(before, after)]);
    return after;
  }

  async function sayChange(before: Run, after: Run): Promise<void> {
    if (before.revision === 0 && after !== before) logBegin(after, log);
    if (!before.conclusion && after.conclusion) {
      countVerdict(after, parts);
      logEnd(after, log, now());
    }
    const probes = !before.conclusion && after.conclusion?.verdict.cause != null && parts.clusters[after.target.cluster]?.probes === true;
    if (probes) await queue.add({ kind: 'probe', runId: after.id, delayMs: 0 });
    const touched = after.conclusion ? [...(await concludeIncident(after, parts)), ...(await splitOff(after.incidentId, store))] : [];
    if (after !== before) await outbox.announce(after);
    for (const incident of await store.incidents.readMany(touched)) await tellIncident(incident, URGENCY.verdict, parts);
  }

  /** Queues the steps that have started, of those that are wanted. */
  async function queueSteps({ id: runId, target, steps }: Run, isWanted: (stepId: string, state: StartedStep) => boolean): Promise<void> {
    await Promise.all(
      Object.entries(steps).map(async ([stepId, state]) => {
        if (state.status !== 'started' || !isWanted(stepId, state)) return;
        const { attempt, delayMs } = state;
        await queue.add({ kind: 'step', cluster: target.cluster, runId, stepId, attempt, delayMs });
      }),
    );
  }

  async function resumeRun(runId: string): Promise<void> {
    const run = await advance(runId, []);
    await queueSteps(run, () => true);
    await outbox.announce(run, 'resumed');
    // Whoever made them a part of this run's incident may have died before they were told.
    for await (const part of walk(store.incidents, { index: partsOf(run.incidentId) }))
      await tellIncident(part, URGENCY.details, { store, queue, resumed: true });
  }

  function clusterOf(name: string): ClusterParts {
    const found = parts.clusters[name];
    if (found) return found;
    throw new CodedError(
      'engine/unknown-cluster',
      `Cluster ${name} is not one of this process: ${Object.keys(parts.clusters).join(', ')}.`,
    );
  }

  return { begin, perform, resume: () => resumeAll({ ...parts, resumeRun }) };
}
