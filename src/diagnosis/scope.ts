import { namesCause, type Symptom } from './pull-error.ts';
import { count, list } from './wording.ts';

/** Failing containers that have workload, node, image and symptom in common. */
export interface FailureGroup {
  readonly namespace: string;
  /** `Deployment/web`, or `Pod/web-0` where nothing owns it. */
  readonly workload: string;
  /** Empty for a pod without a node. */
  readonly node: string;
  readonly image: string;
  /** Registry host of the image; empty for an invalid reference. */
  readonly registry: string;
  readonly symptom: Symptom;
  readonly pods: number;
  /** Name of one of the pods. */
  readonly example: string;
}

/** What a look over the pods of a cluster or namespace showed. */
export interface PullSurvey {
  readonly where: string;
  readonly pods: number;
  readonly nodes: number;
  /** False when the server held more pods than were read. */
  readonly complete: boolean;
  readonly failing: readonly FailureGroup[];
  /** Pods in working order that have the target's image, another from its registry, another on its node, or the same secret. */
  readonly working: {
    readonly sameImage: { readonly pods: number; readonly nodes: readonly string[] };
    readonly sameRegistry: { readonly pods: number; readonly nodes: readonly string[] };
    readonly sameNode: { readonly pods: number };
    /** Pods that name the same pull secrets and have another image of the registry. */
    readonly sameSecret: { readonly pods: number; readonly names: readonly string[] };
  };
}

/** What failing pods have in common when they share a cause; `none` when only the target itself counts. */
export const REACHES = ['image', 'registry', 'node', 'namespace', 'none'] as const;
export type Reach = (typeof REACHES)[number];

/** The narrowest thing that holds every pod which fails alike. */
export type ScopeLevel = 'pod' | 'workload' | 'node' | 'image' | 'registry' | 'namespace' | 'cluster';

/** How far the problem reaches, with counts and with what speaks against a wider reach. */
export interface Scope {
  readonly level: ScopeLevel;
  readonly pods: number;
  readonly workloads: readonly string[];
  readonly namespaces: readonly string[];
  readonly nodes: readonly string[];
  /** `14 pods of 3 workloads in 2 namespaces, all on node-7.` */
  readonly says: string;
  /** `The same image runs on 21 other nodes.` */
  readonly counterexamples: readonly string[];
  /** How much was looked at. */
  readonly lookedAt: string;
}

/** The target's own failing image, as the survey's groups describe others. */
export interface ScopeSubject {
  readonly namespace: string;
  readonly node: string;
  readonly image: string;
  readonly registry: string;
  readonly symptom: Symptom;
}

/** Works out how far a cause with this reach extends. */
export function scopeOf(subject: ScopeSubject, survey: PullSurvey, reach: Reach): Scope {
  const related = survey.failing.filter((group) => isRelated(group, subject, reach));
  const pods = related.reduce((sum, group) => sum + group.pods, 0);
  const workloads = distinct(related.map((group) => `${group.namespace}/${group.workload}`));
  const namespaces = distinct(related.map((group) => group.namespace));
  const nodes = distinct(related.map((group) => group.node).filter((node) => node !== ''));
  const level = levelOf({
    reach,
    pods,
    workloads,
    nodes,
    registries: distinct(related.map((group) => group.registry)),
    survey,
    node: subject.node,
  });
  return {
    level,
    pods,
    workloads,
    namespaces,
    nodes,
    says: sentence({ pods, workloads, namespaces, nodes }),
    counterexamples: counterexamples(subject, survey),
    lookedAt: `${count(survey.pods, 'pod')} on ${count(survey.nodes, 'node')} in ${survey.where}${survey.complete ? '' : ', not all there are'}`,
  };
}

function isRelated(group: FailureGroup, subject: ScopeSubject, reach: Reach): boolean {
  const sameImage = group.image === subject.image;
  const sameSymptom = group.symptom === subject.symptom || (sameImage && !namesCause(group.symptom));
  if (!sameSymptom) return false;
  switch (reach) {
    case 'image':
      return sameImage;
    case 'registry':
      return group.registry === subject.registry || (group.node === subject.node && group.symptom === subject.symptom);
    case 'node':
      return group.node === subject.node || group.symptom === subject.symptom;
    case 'namespace':
      return group.namespace === subject.namespace && group.registry === subject.registry;
    case 'none':
      return sameImage && group.namespace === subject.namespace && group.node === subject.node;
    default:
      return reach satisfies never;
  }
}

function levelOf(facts: {
  reach: Reach;
  pods: number;
  workloads: readonly string[];
  nodes: readonly string[];
  registries: readonly string[];
  survey: PullSurvey;
  node: string;
}): ScopeLevel {
  const { reach, pods, workloads, nodes, registries, survey, node } = facts;
  if (pods <= 1) return 'pod';
  if (workloads.length === 1) return 'workload';
  switch (reach) {
    case 'image':
      return 'image';
    case 'namespace':
      return 'namespace';
    case 'node':
      return nodes.length > 1 ? 'cluster' : 'node';
    case 'registry': {
      const worksElsewhere = survey.working.sameRegistry.nodes.some((other) => other !== node);
      if (nodes.length === 1 && (registries.length > 1 || worksElsewhere)) return 'node';
      return registries.length > 1 ? 'cluster' : 'registry';
    }
    case 'none':
      return 'workload';
    default:
      return reach satisfies never;
  }
}

function sentence(facts: { pods: number; workloads: readonly string[]; namespaces: readonly string[]; nodes: readonly string[] }): string {
  const { pods, workloads, namespaces, nodes } = facts;
  if (pods === 0) return 'Only this pod, as far as could be seen.';
  const where = nodes.length === 1 ? `on ${nodes[0]}` : nodes.length > 1 ? `on ${list([...nodes])}` : 'on no node yet';
  if (pods === 1) return `1 pod, ${where}.`;
  const whose =
    workloads.length === 1
      ? ` of ${workloads[0]}`
      : ` of ${count(workloads.length, 'workload')} in ${count(namespaces.length, 'namespace')}`;
  return `${count(pods, 'pod')}${whose}, ${nodes.length === 1 ? 'all ' : ''}${where}.`;
}

function counterexamples(subject: ScopeSubject, survey: PullSurvey): readonly string[] {
  const said: string[] = [];
  const { sameImage, sameRegistry, sameNode, sameSecret } = survey.working;
  const elsewhere = sameImage.nodes.filter((node) => node !== subject.node);
  if (elsewhere.length > 0) said.push(`The same image runs on ${count(elsewhere.length, 'other node')} (${list([...elsewhere])}).`);
  const registryElsewhere = sameRegistry.nodes.filter((node) => node !== subject.node);
  if (sameRegistry.pods > 0) {
    const place = registryElsewhere.length > 0 ? ` on ${count(registryElsewhere.length, 'other node')}` : ' on this node';
    said.push(
      `${count(sameRegistry.pods, 'pod')}${place} ${sameRegistry.pods === 1 ? 'runs' : 'run'} other images from ${subject.registry}.`,
    );
  }
  if (sameSecret.pods > 0)
    said.push(
      `${count(sameSecret.pods, 'other pod')} with the same pull secret (${list([...sameSecret.names])}) ${sameSecret.pods === 1 ? 'has' : 'have'} images from ${subject.registry}.`,
    );
  if (sameNode.pods > 0)
    said.push(`${count(sameNode.pods, 'other pod')} on ${subject.node} ${sameNode.pods === 1 ? 'has its' : 'have their'} images.`);
  return said;
}

function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}
