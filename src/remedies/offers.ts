import { z } from 'zod';
import type { Plan } from '../approval/plan.ts';
import { type ApprovalPolicy, ruleCovering } from '../approval/policy.ts';
import { namespaceOf, type Remedy } from '../approval/remedy.ts';
import type { FindingCode } from '../diagnosis/finding.ts';
import type { PodImage, Workload } from '../diagnosis/pod/target.ts';
import type { Run } from '../runbook/run.ts';
import { lookOf } from './looks.ts';
import { RISK_OF } from './remedy-risk.ts';
import { repositoryOf } from './set-image.ts';
import { TEMPLATE_KINDS } from './workload.ts';

/** What a verdict says may help. `choose` where a person has to choose a tag or a secret before there is a remedy. */
export type Offer =
  | { readonly id: Remedy['id']; readonly label: string; readonly remedy: Remedy }
  | ({ readonly id: Remedy['id']; readonly label: string } & Choice);

const WorkloadName = z.strictObject({ namespace: z.string().max(63), kind: z.string().max(63), name: z.string().max(253) });
type WorkloadName = Readonly<z.infer<typeof WorkloadName>>;

/** What is longer is the name of no image. */
const MAX_IMAGE = 1_000;

/** What somebody has to choose: a tag for a container's image, or a secret of the namespace. */
export const Choice = z.discriminatedUnion('choose', [
  z.strictObject({ choose: z.literal('tag'), workload: WorkloadName, container: z.string().max(253), image: z.string().max(MAX_IMAGE) }),
  z.strictObject({ choose: z.literal('secret'), workload: WorkloadName, image: z.string().max(MAX_IMAGE) }),
]);
export type Choice = Readonly<z.infer<typeof Choice>>;

/** Findings that say that what the kubelet could not get is there now. */
const MENDED: readonly FindingCode[] = ['registry/exists', 'registry/platform-offered', 'secret/matches'];
/** Causes that no other tag of the same repository mends: the name itself is wrong, and that is for people. */
const WRONG_NAME: ReadonlySet<string> = new Set(['invalid-reference', 'repository-not-found', 'dns-failure', 'tls-hostname']);
/** What a workload's template has an image for. */
const CONTAINERS: ReadonlySet<PodImage['kind']> = new Set(['container', 'init container', 'sidecar']);
/** What makes a pod again that was deleted. */
const MAKERS: ReadonlySet<string> = new Set([
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job', 'CronJob'],
]);

/**
 * What the bot may offer to do about a finished run: only what its verdict advises, and never what somebody else's tool would take back. That
 * it can be done, and by whom, is found out when somebody asks for it.
 */
export function offersOf(run: Run, { nodeTasks }: { readonly nodeTasks: boolean }): readonly Offer[] {
  const { target, conclusion, findings } = run;
  if (conclusion === undefined || conclusion.verdict.cause === null) return [];
  const { verdict, remediation, scope } = conclusion;
  const image = target.images.find(({ name, image: { length } }) => name === conclusion.container && length <= MAX_IMAGE);
  const advised = new Set(remediation.map(({ action }) => action));
  const found = new Set(findings.map(({ code }) => code));
  const isMended = advised.has('wait') && MENDED.some((code) => found.has(code));
  const pods = scope?.pods ?? 1;
  const offers: Offer[] = [];
  if (isMended || remediation[0]?.action === 'restart-pods') offers.push(...replacing(target, pods));
  const named = templateOf(target.namespace, target.workload);
  if (named && image && !target.managedBy && CONTAINERS.has(image.kind)) {
    const isWrongImage = advised.has('set-image') || advised.has('roll-back');
    if (isWrongImage && !WRONG_NAME.has(verdict.cause ?? '')) offers.push(settingImage(named, image));
    if (isWrongImage) offers.push({ id: 'roll-back', label: 'Roll back', remedy: { id: 'roll-back', workload: named, revision: 0 } });
    if (advised.has('attach-pull-secret'))
      offers.push({ id: 'attach-pull-secret', label: 'Attach a pull secret …', choose: 'secret', workload: named, image: image.image });
  }
  if (nodeTasks) offers.push(...looking(run, image));
  if (scope?.level === 'node' && verdict.confidence === 'confirmed' && target.node !== undefined)
    offers.push({ id: 'cordon-node', label: `Cordon ${target.node}`, remedy: { id: 'cordon-node', node: target.node } });
  return offers;
}

/** Offers that become buttons, and a sentence on why there is none of the others. */
export interface Offered {
  readonly offers: readonly Offer[];
  readonly barred?: string;
}

/** Parts offers that somebody may approve from those that nobody may, with the setting that is in the way of the first of them. */
export function approvable(
  offers: readonly Offer[],
  { policy, cluster }: { readonly policy: ApprovalPolicy; readonly cluster: string },
): Offered {
  const judged = offers.map((offer) => ({ offer, found: ruleCovering(policy, coveredBy(offer, cluster)) }));
  const [barred] = judged.flatMap(({ found }) => ('because' in found ? [found.because] : []));
  return { offers: judged.flatMap(({ offer, found }) => ('rule' in found ? [offer] : [])), ...(barred === undefined ? {} : { barred }) };
}

function coveredBy(offer: Offer, cluster: string): Parameters<typeof ruleCovering>[1] {
  const namespace = 'remedy' in offer ? namespaceOf(offer.remedy) : offer.workload.namespace;
  return { remedy: offer.id, cluster, namespaces: namespace === undefined ? [] : [namespace], risk: RISK_OF[offer.id], shared: false };
}

/** What a plan that was carried out leads to, as a plan of its own: what takes it back, or the pruning that images were listed for. */
export function nextOf({ id: planId, remedy }: Pick<Plan, 'id' | 'remedy'>): Offer | undefined {
  if (remedy.id === 'cordon-node')
    return { id: 'uncordon-node', label: 'Undo: uncordon …', remedy: { id: 'uncordon-node', node: remedy.node } };
  if (remedy.id === 'probe-node' && remedy.look === 'images')
    return { id: 'prune-images', label: 'Prune images …', remedy: { id: 'prune-images', node: remedy.node, listing: planId } };
  return undefined;
}

function looking(run: Run, image: PodImage | undefined): readonly Offer[] {
  const look = lookOf(run, image?.image);
  return look === undefined ? [] : [{ id: 'probe-node', ...look }];
}

function settingImage(workload: WorkloadName, { name, image }: PodImage): Offer {
  return { id: 'set-image', label: 'Set image …', choose: 'tag', workload, container: name, image };
}

/** One pod is deleted; several of a workload are replaced by restarting it, one after the other. */
function replacing({ namespace, pod, workload }: Run['target'], pods: number): readonly Offer[] {
  if (workload === undefined || !MAKERS.has(workload.kind)) return [];
  const named = templateOf(namespace, workload);
  if (pods > 1 && named)
    return [{ id: 'restart-workload', label: `Restart ${workload.name}`, remedy: { id: 'restart-workload', workload: named } }];
  return [{ id: 'delete-pod', label: 'Skip the wait: delete the pod', remedy: { id: 'delete-pod', namespace, pod } }];
}

function templateOf(namespace: string, workload: Workload | undefined): WorkloadName | undefined {
  if (workload === undefined || !TEMPLATE_KINDS.some((kind) => kind === workload.kind)) return undefined;
  return { namespace, kind: workload.kind, name: workload.name };
}

/** What somebody has chosen. */
export interface Chosen {
  readonly tag?: string;
  readonly digest?: string;
  readonly secret?: string;
  /** Where a secret goes, if not to the workload. */
  readonly to?: 'service-account' | undefined;
}

/** The remedy of an offer once somebody has chosen; undefined where the choice does not belong to it. */
export function chosenRemedy(offer: Offer, chosen: Chosen): Remedy | undefined {
  if ('remedy' in offer) return offer.remedy;
  const { workload } = offer;
  if (offer.choose === 'secret')
    return chosen.secret === undefined
      ? undefined
      : { id: 'attach-pull-secret', workload, secret: chosen.secret, ...(chosen.to === undefined ? {} : { to: chosen.to }) };
  const { tag, digest } = chosen;
  if (tag === undefined || digest === undefined) return undefined;
  return { id: 'set-image', workload, container: offer.container, repository: repositoryOf(offer.image), tag, digest };
}
