import { count, list } from '../text/wording.ts';
import type { Reach } from './reach.ts';
import type { FailureGroup, PullSurvey, ScopeSubject } from './scope.ts';

/** More kinds of pull secrets than this are not listed one by one. */
const MAX_SECRETS = 3;

/** How far a failure reaches, in words: which pods fail alike, and no more than their list shows. */
export function reachSentence(facts: {
  readonly subject: ScopeSubject;
  readonly survey: PullSurvey;
  readonly reach: Reach;
  readonly related: readonly FailureGroup[];
  readonly workloads: readonly string[];
  readonly namespaces: readonly string[];
  readonly nodes: readonly string[];
}): string {
  const { subject, survey, reach, related, workloads, namespaces, nodes } = facts;
  if (subject.symptom === undefined) return waitSentence(subject, survey);
  const pods = membersOf(related);
  if (pods <= 1) return aloneSentence(survey, reach);
  const where = nodes.length === 0 ? 'on no node yet' : `${nodes.length === 1 ? 'all ' : ''}on ${list(nodes)}`;
  const says = `${survey.complete && survey.groupsLeftOut === undefined ? '' : 'At least '}${podsOf(pods, workloads, namespaces)} fail alike${placeOf(subject, related, reach)}, ${where}.`;
  return reach === 'namespace' ? `${says} ${secretSentence(related)}` : says;
}

function podsOf(pods: number, workloads: readonly string[], namespaces: readonly string[]): string {
  const [only, ...others] = workloads;
  const spread = namespaces.length > 1 ? ` in ${count(namespaces.length, 'namespace')}` : '';
  if (workloads.every((workload) => workload.includes('/Pod/'))) return `${count(pods, 'bare pod')}${spread}`;
  if (only !== undefined && others.length === 0) return `${count(pods, 'pod')} of ${workloadWords(only)}`;
  return `${count(pods, 'pod')} of ${count(workloads.length, 'workload')}${spread}`;
}

/** `shop/Deployment/web` for people: `Deployment shop/web`. */
export function workloadWords(workload: string): string {
  const [namespace, kind, ...name] = workload.split('/');
  return `${kind} ${namespace}/${name.join('/')}`;
}

function waitSentence({ node }: ScopeSubject, survey: PullSurvey): string {
  const { pods } = survey.waiting.sameNode;
  if (pods === 0) return `No other pod on ${node || 'its node'} waits as well, as far as could be seen.`;
  return `${count(pods, 'other pod')} on ${node} ${pods === 1 ? 'is' : 'are'} waiting to start as well.`;
}

function aloneSentence(survey: PullSurvey, reach: Reach): string {
  const others = survey.pods - 1;
  const like = reach === 'image' ? 'for this image' : 'the same way';
  if (others <= 0) return `No other pod was seen in ${survey.where} to compare with.`;
  if (others === 1) return `The only other pod in ${survey.where} does not fail ${like}.`;
  return `None of the ${count(others, 'other pod')} looked at in ${survey.where} fails ${like}.`;
}

function placeOf(subject: ScopeSubject, related: readonly FailureGroup[], reach: Reach): string {
  if (reach === 'image') return ' for this image';
  const oneRegistry = subject.registry !== '' && related.every((group) => group.registry === subject.registry);
  return oneRegistry ? ` at ${subject.registry}` : '';
}

/** Pods of one namespace that are refused alike may lack different things; the secrets they name are what tells so far. */
function secretSentence(related: readonly FailureGroup[]): string {
  const kinds = [...Map.groupBy(related, (group) => list(group.pullSecrets))]
    .map(([names, groups]) => ({ names, pods: membersOf(groups) }))
    .sort((a, b) => Number(b.names === '') - Number(a.names === '') || b.pods - a.pods || a.names.localeCompare(b.names));
  const [first] = kinds;
  if (first && kinds.length === 1) return first.names === '' ? 'None of them names a pull secret.' : `All of them name ${first.names}.`;
  const shown = kinds.length > MAX_SECRETS ? kinds.slice(0, MAX_SECRETS - 1) : kinds;
  const rest = kinds.slice(shown.length).reduce((sum, { pods }) => sum + pods, 0);
  const words = shown.map(({ names, pods }) => `${pods} ${verb(pods)} ${names === '' ? 'no pull secret' : names}`);
  return `Of these, ${list(rest === 0 ? words : [...words, `${rest} ${verb(rest)} other secrets`])}.`;
}

function verb(pods: number): string {
  return pods === 1 ? 'names' : 'name';
}

/** What works beside the failure, and so speaks against a wider reach. */
export function counterexamples(subject: ScopeSubject, survey: PullSurvey): readonly string[] {
  const said: string[] = [];
  const { sameImage, sameRegistry, sameNode, sameSecret } = survey.working;
  if (sameImage.otherNodes.length > 0)
    said.push(`The same image runs on ${count(sameImage.otherNodes.length, 'other node')} (${list(sameImage.otherNodes)}).`);
  const places = [
    ...(sameRegistry.elsewhere > 0
      ? [`${count(sameRegistry.elsewhere, 'pod')} on ${count(sameRegistry.otherNodes.length, 'other node')}`]
      : []),
    ...(sameRegistry.here > 0 ? [`${count(sameRegistry.here, 'other pod')} on this node`] : []),
  ];
  if (places.length > 0)
    said.push(
      `${list(places)} ${sameRegistry.elsewhere + sameRegistry.here === 1 ? 'runs' : 'run'} other images from ${subject.registry}.`,
    );
  if (sameSecret.pods > 0)
    said.push(
      `${count(sameSecret.pods, 'other pod')} with the same pull secret (${list(sameSecret.names)}) ${sameSecret.pods === 1 ? 'has' : 'have'} images from ${subject.registry}.`,
    );
  if (sameNode.pods > 0)
    said.push(
      `${count(sameNode.pods, 'other pod')} on ${subject.node} ${sameNode.pods === 1 ? 'has all its images' : 'have all their images'}.`,
    );
  return said;
}

function membersOf(groups: readonly FailureGroup[]): number {
  return new Set(groups.flatMap((group) => group.members)).size;
}
