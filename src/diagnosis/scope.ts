import { count } from '../text/wording.ts';
import { namesCause, type Symptom } from './message/pull-error.ts';
import { type Reach, type Spot, subjectOf } from './reach.ts';
import { counterexamples, reachSentence } from './scope-words.ts';

/** Failing containers that have workload, node, image, symptom and the names of their pull secrets in common. */
export interface FailureGroup extends Spot {
  /** `Deployment/web`, or `Pod/web-0` where nothing owns it. */
  readonly workload: string;
  readonly symptom: Symptom;
  /** Names of the pull secrets that the pods name; empty when they name none. */
  readonly pullSecrets: readonly string[];
  /** The pods, as their places in the list that was read: a pod with two failing images is in two groups and still one pod. */
  readonly members: readonly number[];
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
  /** How many groups there are besides, where there are too many to keep: what is counted over groups is then a least number. */
  readonly groupsLeftOut?: number;
  /** Other pods on the target's node that wait for something, maybe a pull, and have no error. */
  readonly waiting: { readonly sameNode: { readonly pods: number } };
  /** Other pods that have the target's image, another from its registry, all of theirs on its node, or the same secret. */
  readonly working: {
    readonly sameImage: Tally;
    readonly sameRegistry: Tally;
    readonly sameNode: { readonly pods: number };
    /** Pods that name the same pull secrets and have an image of the registry. */
    readonly sameSecret: { readonly pods: number; readonly names: readonly string[] };
  };
}

/** Pods on the target's node, and on which other nodes there are how many more. */
export interface Tally {
  readonly here: number;
  readonly elsewhere: number;
  readonly otherNodes: readonly string[];
}

/** The narrowest thing that holds every pod which fails alike. */
export type ScopeLevel = 'pod' | 'workload' | 'node' | 'image' | 'registry' | 'namespace' | 'cluster';

/** How far the problem reaches: the pods that fail alike, and what speaks against a wider reach. That they fail for one cause is not known. */
export interface Scope {
  readonly level: ScopeLevel;
  readonly pods: number;
  readonly workloads: readonly string[];
  readonly namespaces: readonly string[];
  readonly nodes: readonly string[];
  /** `14 pods of 3 workloads in 2 namespaces fail alike for this image, all on node-7.` */
  readonly says: string;
  /** `The same image runs on 21 other nodes.` */
  readonly counterexamples: readonly string[];
  /** How much was looked at. */
  readonly lookedAt: string;
}

/** The target's own failing image, as the survey's groups describe others. */
export interface ScopeSubject extends Spot {
  /** Absent when nothing has failed yet: a pull that hangs. */
  readonly symptom?: Symptom;
}

/** Works out how far a cause with this reach extends. */
export function scopeOf(subject: ScopeSubject, survey: PullSurvey, reach: Reach): Scope {
  const related = relatedTo(subject, survey, reach);
  // The target itself, where the list of pods was cut before it.
  const pods = Math.max(1, new Set(related.flatMap((group) => group.members)).size);
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
  });
  return {
    level,
    pods,
    workloads,
    namespaces,
    nodes,
    says: reachSentence({ subject, survey, reach, related, workloads, namespaces, nodes }),
    counterexamples: counterexamples(subject, survey),
    lookedAt: `${count(survey.pods, 'pod')} on ${count(survey.nodes, 'node')} in ${survey.where}${survey.complete ? '' : ', not all there are'}`,
  };
}

/** The groups that fail alike: those that the same cause concerns, and where these are all on one node, what shows that it goes further. */
function relatedTo(subject: ScopeSubject, survey: PullSurvey, reach: Reach): readonly FailureGroup[] {
  if (subject.symptom === undefined) return [];
  const alike = survey.failing.filter(
    (group) => group.symptom === subject.symptom || (group.image === subject.image && !namesCause(group.symptom)),
  );
  const concerned = alike.filter((group) => subjectOf(reach, group) === subjectOf(reach, subject));
  if (concerned.some((group) => group.node !== subject.node)) return concerned;
  return alike.filter((group) => concerned.includes(group) || (group.symptom === subject.symptom && goesFurther(group, subject, reach)));
}

/** The same failure elsewhere shows that a node's trouble is not the node's alone, and at another registry that a registry's is the node's. */
function goesFurther(group: FailureGroup, subject: ScopeSubject, reach: Reach): boolean {
  return reach === 'node' || (reach === 'registry' && group.node === subject.node);
}

function levelOf(facts: {
  reach: Reach;
  pods: number;
  workloads: readonly string[];
  nodes: readonly string[];
  registries: readonly string[];
  survey: PullSurvey;
}): ScopeLevel {
  const { reach, pods, workloads, nodes, registries, survey } = facts;
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
      const worksElsewhere = survey.working.sameRegistry.otherNodes.length > 0;
      if (nodes.length === 1 && (registries.length > 1 || worksElsewhere)) return 'node';
      return registries.length > 1 ? 'cluster' : 'registry';
    }
    default:
      return reach satisfies never;
  }
}

function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}
