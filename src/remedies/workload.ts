import type { Plan } from '../approval/plan.ts';
import type { Remedy } from '../approval/remedy.ts';
import type { KubeObject, ObjectKind } from '../cluster/writing/object-writer.ts';
import { managerOf } from '../diagnosis/pod/manager.ts';
import { asCodedError } from '../errors.ts';
import { type DraftContext, type DraftedObject, drafted, type RefusedDraft, refused } from './draft.ts';
import { autoscalerFields, budgetFields, podFields, selectorText, selects, type WorkloadSpec, workloadFields } from './object-shape.ts';

/** The kinds of workload whose template a remedy may change. */
export const TEMPLATE_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const satisfies readonly ObjectKind[];
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

type WorkloadName = Extract<Remedy, { readonly workload: unknown }>['workload'];

/** A workload whose pods are made anew when its template changes. */
export interface Workload {
  readonly name: { readonly kind: TemplateKind; readonly namespace: string; readonly name: string };
  /** `Deployment shop/web`. */
  readonly called: string;
  readonly drafted: DraftedObject;
  readonly spec: WorkloadSpec;
  /** Its pods, those that end left out. */
  readonly pods: readonly KubeObject[];
  /** A node on which one of them is: whose platform images have to fit. */
  readonly node: string | undefined;
  readonly blast: Plan['blast'];
  readonly notChecked: readonly string[];
  readonly watched: Extract<Plan['watched'], { readonly kind: 'workload' }>;
}

/** Whether a change has to last: what somebody else applies would take it back. */
type Change = 'template' | 'restart';

/** Reads a workload and what a change of its template reaches. Refuses what would be taken back, or does not replace pods by itself. */
export async function readWorkload(named: WorkloadName, change: Change, { objects, hash }: DraftContext): Promise<Workload | RefusedDraft> {
  const { namespace } = named;
  const kind = TEMPLATE_KINDS.find((one) => one === named.kind);
  const called = `${named.kind} ${namespace}/${named.name}`;
  if (kind === undefined) return refused(`${called} is of a kind that does not replace its pods when it changes. Change it by hand.`);
  const name = { kind, namespace, name: named.name };
  const object = await objects.read(name);
  const { spec, status } = workloadFields(object);
  const obstacle = (change === 'template' ? whoTakesItBack(object, called) : undefined) ?? whyNoRollout(kind, spec, called);
  if (obstacle !== undefined) return refused(obstacle);
  const labels = selectorText(spec.selector ?? {});
  if (labels === undefined) return refused(`${called} has a selector that cannot be asked for.`);
  const podLabels = spec.template.metadata?.labels ?? {};
  const [pods, budgets, scalers] = await Promise.all([
    objects.list({ kind: 'Pod', namespace, labels }),
    orNothing(objects.list({ kind: 'PodDisruptionBudget', namespace })),
    orNothing(objects.list({ kind: 'HorizontalPodAutoscaler', namespace })),
  ]);
  const live = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  const replicas = kind === 'DaemonSet' ? live.length : (spec.replicas ?? 1);
  const left = readyLeft(kind, spec, replicas, status?.readyReplicas ?? status?.numberReady ?? 0);
  const scaler = scalers.found.find((one) => {
    const { scaleTargetRef } = autoscalerFields(one).spec;
    return scaleTargetRef.kind === kind && scaleTargetRef.name === named.name;
  });
  return {
    name,
    called,
    drafted: drafted(kind, object, hash),
    spec,
    pods: live,
    node: live.map((pod) => podFields(pod).spec.nodeName).find((node) => node !== undefined),
    blast: {
      restarts: replicas,
      disruptionBudgets: budgets.found
        .filter((budget) => selects(budgetFields(budget).spec.selector ?? {}, podLabels))
        .map(({ metadata }) => metadata.name)
        .sort(),
      ...(left === undefined ? {} : { replicasLeft: left }),
    },
    notChecked: [
      ...(kind === 'StatefulSet' ? [NEVER_READY] : []),
      ...(budgets.because === undefined ? [] : [`Disruption budgets could not be read: ${budgets.because}`]),
      ...(scaler === undefined ? [] : [`HorizontalPodAutoscaler ${scaler.metadata.name} decides how many pods there are.`]),
    ],
    watched: { kind: 'workload', namespace, labels },
  };
}

/** What the controller of StatefulSets leaves to people (known issue "Forced rollback"). */
const NEVER_READY =
  'Whether all pods are replaced: a StatefulSet does not replace one that never became ready. Delete that one once the change is made.';

/** Programs that apply manifests, by the names under which the API server knows them as writers of fields. */
const APPLIERS: readonly (readonly [pattern: RegExp, tool: string])[] = [
  [/^argocd/, 'Argo CD'],
  [/^kustomize-controller$/, 'Flux'],
  [/^helm-controller$/, 'Flux'],
  [/^helm$/, 'Helm'],
];

/** Why a change of the template would not last; undefined where nothing says so. */
function whoTakesItBack(object: KubeObject, called: string): string | undefined {
  const { labels, annotations, ownerReferences = [] } = object.metadata;
  const { name, namespace = '', uid, creationTimestamp, deletionTimestamp } = object.metadata;
  const metadata = {
    name,
    namespace,
    uid,
    creationTimestamp,
    deletionTimestamp,
    labels,
    annotations,
    ownerReferences: [...ownerReferences],
  };
  const manager = managerOf([{ what: 'workload', metadata }]);
  if (manager) {
    const of = manager.name === undefined ? '' : ` (${manager.name})`;
    return `${called} is applied by ${manager.tool}${of}, which would take the change back: ${manager.sign}. Change it there.`;
  }
  const writers = writersOf(object);
  const tool = APPLIERS.find(([pattern]) => writers.some((writer) => pattern.test(writer)))?.[1];
  if (tool !== undefined) return `${called} is applied by ${tool}, which would take the change back. Change it there.`;
  const owner = ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];
  return owner && `${called} is made by ${owner.kind} ${owner.name}, which would take the change back. Change it there.`;
}

function writersOf({ metadata }: KubeObject): readonly string[] {
  const managed: unknown = 'managedFields' in metadata ? metadata.managedFields : undefined;
  if (!Array.isArray(managed)) return [];
  return managed.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'manager' in entry && typeof entry.manager === 'string' ? [entry.manager] : [],
  );
}

function whyNoRollout(kind: TemplateKind, { paused, updateStrategy, replicas }: WorkloadSpec, called: string): string | undefined {
  if (replicas === 0) return `${called} is scaled to 0: it has no pods to mend.`;
  if (kind === 'Deployment' && paused === true) return `${called} is paused: it would replace no pod before somebody resumes it.`;
  if (updateStrategy?.type === 'OnDelete') return `${called} replaces pods only when they are deleted (update strategy OnDelete).`;
  return undefined;
}

/** Replicas that stay ready while a Deployment rolls; of others one is replaced at a time. */
function readyLeft(kind: TemplateKind, { strategy }: WorkloadSpec, replicas: number, ready: number): number | undefined {
  if (kind === 'DaemonSet') return undefined;
  if (kind === 'StatefulSet') return Math.max(0, ready - 1);
  if (strategy?.type === 'Recreate') return 0;
  const most = strategy?.rollingUpdate?.maxUnavailable ?? '25%';
  const away = typeof most === 'string' && most.endsWith('%') ? Math.floor((replicas * Number.parseInt(most, 10)) / 100) : Number(most);
  return Number.isFinite(away) ? Math.max(0, Math.min(ready, replicas - away)) : undefined;
}

async function orNothing(
  reading: Promise<readonly KubeObject[]>,
): Promise<{ readonly found: readonly KubeObject[]; readonly because?: string }> {
  try {
    return { found: await reading };
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    if (code !== 'cluster/forbidden' && code !== 'cluster/not-found') throw cause;
    return { found: [], because: message.split('\n', 1)[0] ?? message };
  }
}

/** True for what was read and not refused. */
export function isWorkload(read: Workload | RefusedDraft): read is Workload {
  return !('because' in read);
}
