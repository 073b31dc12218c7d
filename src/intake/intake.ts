import { asCodedError } from '../errors.ts';
import type { Incident, Place } from '../incident/incident.ts';
import type { Question, TaskQueue } from '../queue/task-queue.ts';
import { rawText } from '../report/raw-text.ts';
import { Scanned } from '../report/scan-answer.ts';
import type { Trigger } from '../runbook/run.ts';
import type { Store } from '../store/store.ts';
import { shortened } from '../text/wording.ts';
import { Begun, Refused } from './begin.ts';
import type { Desk, DeskAnswer, FailingPod, Refusal } from './desk.ts';

/** How long people wait for a worker before they are told that none has answered yet, ms. */
const ANSWER_MS = 10_000;
/** A list of failing pods is looked up once for so long, however fast somebody types, ms. */
const FRESH_MS = 10_000;
/** Slack repeats a delivery for at most six minutes. */
const DELIVERY_MS = 15 * 60_000;
const MOST_LISTED = 20;
/** Among so many of a namespace those of a workload are looked for. */
const MOST_OF_NAMESPACE = 1_000;
/** A card that is not there after these looks is late, not impossible. */
const TROUBLE_LOOKS = 16;
const TROUBLE_MS = 300;

export interface DeskParts {
  readonly store: Store;
  readonly queue: TaskQueue;
  /** Names of all clusters, the default one first. */
  readonly clusters: readonly string[];
  readonly mayAsk: (cluster: string, namespace: string) => boolean;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly pause: (ms: number) => Promise<unknown>;
}

/** Takes requests of people: checks them, queues what has to be done, and answers. */
export function createDesk(parts: DeskParts): Desk {
  const { store, queue, clusters, now, newId } = parts;
  const lists = new Map<string, { readonly at: number; readonly answer: Promise<Scanned | Refusal> }>();

  async function diagnose(request: Parameters<Desk['diagnose']>[0]): Promise<DeskAnswer> {
    const { cluster, namespace, pod, place, trigger } = request;
    const refusal = forbidden(cluster, namespace);
    if (refusal) return refusal;
    const same = (await store.listIncidents({ open: true, most: 100 })).find(
      (incident) =>
        incident.cluster === cluster &&
        incident.namespace === namespace &&
        incident.pod === pod &&
        incident.place.channel === place.channel,
    );
    if (same && (await isRunning(same))) return { status: 'running', incidentId: same.id, ...(await rootOf(same)) };
    const runId = newId();
    return begin({ kind: 'begin', cluster, incidentId: runId, runId, place, namespace, pod, trigger }, request.onKept);
  }

  async function rerun({ incidentId, user, onKept }: Parameters<Desk['rerun']>[0]): Promise<DeskAnswer> {
    const incident = await store.readIncident(incidentId);
    const refusal = forbidden(incident.cluster, incident.namespace);
    if (refusal) return refusal;
    if (await isRunning(incident)) return { status: 'running', incidentId, ...(await rootOf(incident)) };
    const { cluster, place, namespace, pod } = incident;
    const trigger: Trigger = { kind: 'rerun', user };
    return begin({ kind: 'begin', cluster, incidentId, runId: newId(), place, namespace, pod, trigger }, onKept);
  }

  async function begin(question: Extract<Question, { kind: 'begin' }>, onKept?: () => void): Promise<DeskAnswer> {
    const answer = await ask(question, Begun, onKept);
    if (!answer) return { status: 'waiting', incidentId: question.incidentId };
    return answer.status === 'begun' ? { status: 'begun', incidentId: answer.incidentId } : answer;
  }

  /** What a worker answered; undefined when none has answered yet. */
  async function ask<T>(question: Question, schema: { parse(value: unknown): T }, onKept?: () => void): Promise<T | Refusal | undefined> {
    try {
      const value = await queue.ask(question, ANSWER_MS, onKept);
      return Refused.safeParse(value).data ?? schema.parse(value);
    } catch (cause) {
      if (asCodedError(cause).code === 'queue/no-answer') return undefined;
      throw cause;
    }
  }

  function forbidden(cluster: string, namespace: string | undefined): Refusal | undefined {
    if (!clusters.includes(cluster))
      return {
        status: 'refused',
        code: 'desk/unknown-cluster',
        says: `There is no cluster ${shortened(cluster)}. Known are: ${clusters.join(', ')}.`,
      };
    if (namespace === undefined || parts.mayAsk(cluster, namespace)) return undefined;
    return {
      status: 'refused',
      code: 'desk/forbidden',
      says: `Namespace ${namespace} of ${cluster} is not one that imagepull may be asked about. Its configuration (namespaces) decides that.`,
    };
  }

  async function isRunning(incident: Incident): Promise<boolean> {
    const newest = incident.runIds.at(-1);
    return newest !== undefined && (await store.readRun(newest)).conclusion === undefined;
  }

  async function rootOf(incident: Incident): Promise<{ readonly place: Place; readonly ts?: string }> {
    const card = (await store.readPosted(incident.id))['card'];
    return { place: incident.place, ...(card?.status === 'posted' ? { ts: card.ts } : {}) };
  }

  async function scanned(cluster: string, namespace: string | undefined): Promise<Scanned | Refusal> {
    const refusal = forbidden(cluster, namespace);
    if (refusal) return refusal;
    const key = JSON.stringify([cluster, namespace]);
    const known = lists.get(key);
    if (known && now().getTime() - known.at < FRESH_MS) return known.answer;
    const question: Question = { kind: 'scan', cluster, id: newId(), ...(namespace === undefined ? {} : { namespace }) };
    const answer = ask(question, Scanned).then((value) => value ?? noWorker(cluster));
    // Old ones go first; a list of everything is asked for rarely.
    if (lists.size >= 100) lists.delete(lists.keys().next().value ?? '');
    lists.set(key, { at: now().getTime(), answer });
    // Who waits is told of a failure; the next one shall ask anew.
    answer.catch(() => lists.delete(key));
    return answer;
  }

  async function failingPods(wanted: Parameters<Desk['failingPods']>[0]): Promise<readonly FailingPod[] | Refusal> {
    const answer = await scanned(wanted.cluster, wanted.namespace);
    if (answer.status === 'refused') return answer;
    const typed = wanted.typed.trim().toLowerCase();
    return answer.pods.filter(({ namespace, pod }) => parts.mayAsk(wanted.cluster, namespace) && `${namespace}/${pod}`.includes(typed));
  }

  return {
    clusters,
    diagnose,
    rerun,
    failingPods,
    async scan({ cluster, namespace }) {
      const answer = await scanned(cluster, namespace);
      return answer.status === 'refused' ? answer : { status: 'scanned', text: answer.text };
    },
    async trouble(incidentId) {
      for (let looks = 0; looks < TROUBLE_LOOKS; looks++) {
        const { silenced } = await store.readIncident(incidentId);
        if (silenced !== undefined) return silenced;
        if ((await store.readPosted(incidentId))['card']?.status === 'posted') return undefined;
        await parts.pause(TROUBLE_MS);
      }
      return undefined;
    },
    async raw(incidentId) {
      const incident = await store.readIncident(incidentId);
      const newest = incident.runIds.at(-1) ?? '';
      return { title: `${incident.namespace}/${incident.pod}`, text: rawText(await store.readRun(newest)) };
    },
    async incidents({ open, about }) {
      const { namespace, workload } = about ?? {};
      const found = await store.listIncidents({ open, namespace, most: workload === undefined ? MOST_LISTED : MOST_OF_NAMESPACE });
      return found.filter((incident) => workload === undefined || isAbout(incident, workload)).slice(0, MOST_LISTED);
    },
    async once(delivery) {
      return (await store.claim(`delivery.${delivery}`, DELIVERY_MS)).status === 'taken';
    },
  };
}

/** People write `web` for Deployment/web, and may mean the pod. */
function isAbout(incident: Incident, workload: string): boolean {
  return incident.workload.endsWith(`/${workload}`) || incident.pod === workload;
}

function noWorker(cluster: string): Refusal {
  return {
    status: 'refused',
    code: 'desk/no-worker',
    says: `No worker of cluster ${cluster} has answered within ${ANSWER_MS / 1000} s. It may be down; whoever runs imagepull should look at its log.`,
  };
}
