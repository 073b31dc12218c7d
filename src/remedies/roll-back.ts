import { z } from 'zod';
import { canonicalJson, type Json } from '../approval/canonical-json.ts';
import type { Plan } from '../approval/plan.ts';
import type { Remedy } from '../approval/remedy.ts';
import type { KubeObject } from '../cluster/writing/object-writer.ts';
import { CodedError } from '../errors.ts';
import { list } from '../text/wording.ts';
import { type DraftContext, type Drafted, type DraftedObject, drafted, refused } from './draft.ts';
import { nextPullSecrets } from './next-pull-secrets.ts';
import { type PodTemplate, podFields, pullState } from './object-shape.ts';
import { proveImages } from './prove-images.ts';
import { isWorkload, readWorkload, type Workload } from './workload.ts';
import { workloadDraft } from './workload-draft.ts';

type RollBack = Extract<Remedy, { readonly id: 'roll-back' }>;

/** An earlier template of a workload. */
interface Revision {
  readonly number: number;
  readonly object: DraftedObject;
  readonly template: PodTemplate;
  /** Labels by which its pods are told from those of other revisions. */
  readonly mark: readonly [key: string, value: string];
}

/** The label that tells which revision a pod of a StatefulSet or DaemonSet is of. */
const HASH_LABEL = 'controller-revision-hash';
const TEMPLATE_HASH = 'pod-template-hash';
const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';

/**
 * Goes back to an earlier revision that is known to have run: a pod of it runs now, or a plan of ours brought it and was seen to help; and the
 * registry still has its images for the pod's login. Revision 0 stands for the newest of that kind.
 */
export async function draftRollBack(remedy: Extract<Remedy, { readonly id: 'roll-back' }>, context: DraftContext): Promise<Drafted> {
  const { workload: named, revision: wanted } = remedy;
  const workload = await readWorkload(named, 'template', context);
  if (!isWorkload(workload)) return workload;
  const { called } = workload;
  const revisions = await revisionsOf(workload, context);
  const [current, ...earlier] = revisions;
  if (current === undefined || earlier.length === 0) return refused(`${called} has no earlier revision.`);
  const helped = (await context.workedBefore?.()) ?? [];
  const known = earlier.filter((revision) => runsNow(revision, workload) || helped.some((plan) => broughtBy(plan, revision, remedy)));
  const chosen = wanted === 0 ? known[0] : known.find(({ number }) => number === wanted);
  if (chosen === undefined)
    return refused(
      `No earlier revision of ${called} is known to have run: of ${list(earlier.slice(0, 5).map(({ number }) => `revision ${number}`))} no pod runs now, and no plan brought it.`,
    );
  const { namespace } = workload.name;
  const images = imagesIn(chosen.template);
  const pullSecrets = await nextPullSecrets(chosen.template.spec, { ...context, namespace });
  const proven = await proveImages(images, { namespace, pullSecrets, node: workload.node }, context);
  if ('because' in proven) return proven;
  return workloadDraft(workload, {
    remedy: { ...remedy, revision: chosen.number },
    restsOn: [chosen.object],
    patch: { spec: { template: replacing(chosen.template) } },
    effect: `${called} goes back from revision ${current.number} to ${chosen.number}, which has ${list(images)}; its pods are replaced one after the other.`,
    undo: `Roll forward to revision ${current.number}.`,
    notChecked: [...proven.notChecked, 'Whether what came with the newer revision (configuration, databases) works with the older one.'],
  });
}

function runsNow({ mark: [key, value] }: Revision, { pods }: Workload): boolean {
  return pods.some((pod) => pod.metadata.labels?.[key] === value && pullState(podFields(pod)) === 'pulled');
}

/** Whether a plan that was seen to help brought a revision: by going back to it, or by the very image that it set. */
function broughtBy({ remedy, objects }: Plan, { object, template }: Revision, { workload }: RollBack): boolean {
  if (!('workload' in remedy) || canonicalJson(remedy.workload) !== canonicalJson(workload)) return false;
  if (objects.some(({ uid }) => uid === object.planned.uid)) return true;
  return remedy.id === 'set-image' && imagesIn(template).includes(`${remedy.repository}:${remedy.tag}@${remedy.digest}`);
}

function imagesIn({ spec }: PodTemplate): readonly string[] {
  return [...new Set([...(spec.initContainers ?? []), ...spec.containers].flatMap(({ image }) => image ?? []))];
}

const JsonTemplate = z.custom<Json>((value) => typeof value === 'object' && value !== null);

/** The template as a patch that takes the place of the whole one, as `kubectl rollout undo` sends it. */
function replacing({ metadata, ...template }: PodTemplate): Json {
  const { [TEMPLATE_HASH]: _, ...labels } = metadata?.labels ?? {};
  return JsonTemplate.parse({ ...template, metadata: { ...metadata, labels }, $patch: 'replace' });
}

/** The revisions of a workload, the newest first; the first one is in force. */
async function revisionsOf(workload: Workload, context: DraftContext): Promise<readonly Revision[]> {
  const found = workload.name.kind === 'Deployment' ? await replicaSets(workload, context) : await controllerRevisions(workload, context);
  return found.toSorted((a, b) => b.number - a.number);
}

function isOf(object: KubeObject, { drafted: { planned } }: Workload): boolean {
  return (object.metadata.ownerReferences ?? []).some(({ uid, controller }) => controller && uid === planned.uid);
}

const ReplicaSet = z.looseObject({ spec: z.looseObject({ template: z.unknown() }) });
const Data = z.looseObject({ revision: z.int(), data: z.looseObject({ spec: z.looseObject({ template: z.unknown() }) }) });

async function replicaSets(workload: Workload, { objects, hash }: DraftContext): Promise<readonly Revision[]> {
  const { watched, name } = workload;
  const sets = await objects.list({ kind: 'ReplicaSet', namespace: name.namespace, labels: watched.labels });
  return sets.flatMap((set) => {
    const number = Number(set.metadata.annotations?.[REVISION_ANNOTATION] ?? Number.NaN);
    const value = set.metadata.labels?.[TEMPLATE_HASH];
    if (!isOf(set, workload) || !Number.isSafeInteger(number) || value === undefined) return [];
    const template = templateOf(ReplicaSet.parse(set).spec.template, set);
    return [{ number, object: drafted('ReplicaSet', set, hash), template, mark: [TEMPLATE_HASH, value] as const }];
  });
}

async function controllerRevisions(workload: Workload, { objects, hash }: DraftContext): Promise<readonly Revision[]> {
  const all = await objects.list({ kind: 'ControllerRevision', namespace: workload.name.namespace });
  return all.flatMap((one) => {
    const value = one.metadata.labels?.[HASH_LABEL] ?? one.metadata.labels?.['controller.kubernetes.io/hash'];
    const read = Data.safeParse(one).data;
    if (!isOf(one, workload) || read === undefined || value === undefined) return [];
    // Pods of a StatefulSet carry the name of the revision, those of a DaemonSet its hash.
    const mark = workload.name.kind === 'StatefulSet' ? one.metadata.name : value;
    const template = templateOf(read.data.spec.template, one);
    return [{ number: read.revision, object: drafted('ControllerRevision', one, hash), template, mark: [HASH_LABEL, mark] as const }];
  });
}

const TemplateShape = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()).optional() }).optional(),
  spec: z.looseObject({ containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional() })) }),
});

function templateOf(value: unknown, { metadata }: KubeObject): PodTemplate {
  const read = TemplateShape.safeParse(value);
  if (read.success) return read.data as PodTemplate;
  throw new CodedError('cluster/bad-answer', `The template of revision ${metadata.name} is not what it should be.`);
}
