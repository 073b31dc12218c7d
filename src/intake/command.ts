import { isNamespaceName, isObjectName } from '../facts/kubernetes/kubernetes-name.ts';
import { nearest } from '../text/nearest.ts';
import { shortened } from '../text/wording.ts';

/** What somebody wrote behind `/imagepull` or to the bot. */
export type Command =
  | { readonly kind: 'diagnose'; readonly cluster: string; readonly namespace: string; readonly pod: string }
  /** No pod was named: let them choose. */
  | { readonly kind: 'pick'; readonly cluster: string; readonly namespace?: string }
  | { readonly kind: 'scan'; readonly cluster: string; readonly namespace?: string }
  | { readonly kind: 'status' }
  | { readonly kind: 'history'; readonly about?: { readonly namespace: string; readonly workload?: string } }
  | {
      readonly kind: 'silence';
      readonly cluster: string;
      readonly namespace: string;
      readonly workload: string;
      readonly forMs: number;
      readonly reason?: string;
    }
  | { readonly kind: 'silences' }
  /** Without a cluster: of all of them. */
  | { readonly kind: 'freeze'; readonly cluster?: string; readonly reason?: string }
  | { readonly kind: 'unfreeze'; readonly cluster?: string }
  | { readonly kind: 'doctor' }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly says: string };

const VERBS = ['diagnose', 'scan', 'status', 'history', 'silence', 'silences', 'freeze', 'unfreeze', 'doctor', 'help'] as const;
const MAX_CHARACTERS = 500;
/** Kinds that kubectl puts in front of a name. */
const KINDS = /^(?:po|pods?|deploy|deployments?|sts|statefulsets?|ds|daemonsets?|jobs?|cronjobs?)\//;

/** Reads a command. Never throws; what it cannot read is answered with what was meant, or how to write it. */
export function parseCommand(text: string, clusters: readonly string[]): Command {
  if (text.length > MAX_CHARACTERS) return wrong(`That is ${text.length} characters long; a command has at most ${MAX_CHARACTERS}.`);
  const words = plainWords(text);
  const [verb = 'help', ...given] = words;
  if (/^(?:un)?freeze$/i.test(verb)) return freeze(verb.toLowerCase() === 'freeze', given, clusters);
  const rest = takeCluster(given, clusters);
  if ('says' in rest) return wrong(rest.says);
  const { cluster, words: operands } = rest;
  switch (verb.toLowerCase()) {
    case 'diagnose':
      return diagnose(cluster, operands);
    case 'scan':
      return scan(cluster, operands);
    case 'status':
      return { kind: 'status' };
    case 'history':
      return history(operands);
    case 'silence':
      return silence(cluster, operands);
    case 'silences':
      return { kind: 'silences' };
    case 'doctor':
      return { kind: 'doctor' };
    case 'help':
      return { kind: 'help' };
    default:
      return unknownVerb(verb, given);
  }
}

/** Slack makes links, curly quotes and code of what people type; a pod's name has none of it. */
function plainWords(text: string): readonly string[] {
  return text
    .replace(/<(?:https?:\/\/)?([^|<>]{1,300})\|([^<>]{1,300})>/g, '$2')
    .replace(/<(?:https?:\/\/)?([^|<>]{1,300})>/g, '$1')
    .replace(/[`"'“”‘’«»]/g, '')
    .split(/[\s\u00a0\u200b-\u200f\u2060\ufeff]+/)
    .filter((word) => word !== '');
}

/** Nothing that somebody writes in haste keeps a freeze from being one: what names no cluster at its end is the reason. */
function freeze(begins: boolean, words: readonly string[], clusters: readonly string[]): Command {
  const named = clusters.find((name) => words.at(-2)?.toLowerCase() === 'in' && words.at(-1)?.toLowerCase() === name.toLowerCase());
  const where = named === undefined ? {} : { cluster: named };
  if (!begins) return { kind: 'unfreeze', ...where };
  const reason = (named === undefined ? words : words.slice(0, -2)).join(' ');
  return { kind: 'freeze', ...where, ...(reason === '' ? {} : { reason }) };
}

type Operands = { readonly cluster: string; readonly words: readonly string[] };

/** `in CLUSTER` may stand anywhere; without it the first cluster is meant. */
function takeCluster(words: readonly string[], clusters: readonly string[]): Operands | { readonly says: string } {
  const at = words.findIndex((word) => word.toLowerCase() === 'in');
  const [first = ''] = clusters;
  if (at < 0) return { cluster: first, words };
  const name = words[at + 1];
  const known = `Known are: ${clusters.join(', ')}.`;
  if (name === undefined) return { says: `Which cluster? ${known}` };
  const found = clusters.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  if (found === undefined) return { says: `There is no cluster ${quoted(name)}.${didYouMean(nearest(name, clusters, 1))} ${known}` };
  return { cluster: found, words: words.filter((_, index) => index !== at && index !== at + 1) };
}

function diagnose(cluster: string, given: readonly string[]): Command {
  const { namespace: option, words } = takeNamespace(given);
  if (words.length > 2) return wrong(`I read ${words.length} words where a pod is meant. ${FORM}`);
  const [one, two] = words;
  if (one === undefined)
    return option === undefined ? { kind: 'pick', cluster } : inNamespace(option, () => ({ kind: 'pick', cluster, namespace: option }));
  // `shop/web-0`, `shop web-0`, `pod/web-0 -n shop`, `-n shop web-0`
  const bare = one.replace(KINDS, '');
  const [namespace, pod] = option !== undefined ? [option, bare] : two !== undefined ? [one, two.replace(KINDS, '')] : split(one);
  if (namespace === '') return wrong(`Which namespace is ${quoted(pod)} in? ${FORM}`);
  return inNamespace(namespace, () =>
    isObjectName(pod)
      ? { kind: 'diagnose', cluster, namespace, pod }
      : wrong(`${quoted(pod)} is not a pod's name: ${nameRule(pod)}. ${FORM}`),
  );
}

function split(text: string): readonly [string, string] {
  const slash = text.indexOf('/');
  return slash < 0 || KINDS.test(text) ? ['', text.replace(KINDS, '')] : [text.slice(0, slash), text.slice(slash + 1)];
}

function scan(cluster: string, given: readonly string[]): Command {
  const { namespace: option, words } = takeNamespace(given);
  const namespace = option ?? words[0];
  if (words.length > (option === undefined ? 1 : 0)) return wrong('A scan takes one namespace or none: `scan [NAMESPACE] [in CLUSTER]`.');
  return namespace === undefined ? { kind: 'scan', cluster } : inNamespace(namespace, () => ({ kind: 'scan', cluster, namespace }));
}

function history([about, ...more]: readonly string[]): Command {
  if (more.length > 0) return wrong('Write `history`, `history NAMESPACE` or `history NAMESPACE/WORKLOAD`.');
  if (about === undefined) return { kind: 'history' };
  const [namespace = '', workload] = about.split('/');
  if (workload !== undefined && !isObjectName(workload))
    return wrong(`${quoted(workload)} is not a workload's name: ${nameRule(workload)}.`);
  return inNamespace(namespace, () => ({ kind: 'history', about: { namespace, ...(workload === undefined ? {} : { workload }) } }));
}

const SILENCE_FORM = 'Write `silence NAMESPACE/WORKLOAD 2h [reason]`, with a time such as 30m or 24h.';
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000 };

function silence(cluster: string, [about = '', time = '', ...reason]: readonly string[]): Command {
  const [namespace = '', ...names] = about.split('/');
  // `shop/web`, or `shop/deploy/web`
  const workload = names.at(-1) ?? '';
  const [, amount, unit = ''] = /^([0-9]{1,4})([mh])$/i.exec(time) ?? [];
  if (names.length === 0 || names.length > 2 || amount === undefined) return wrong(SILENCE_FORM);
  if (!isObjectName(workload)) return wrong(`${quoted(workload)} is not a workload's name: ${nameRule(workload)}. ${SILENCE_FORM}`);
  const forMs = Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 0);
  const why = reason.join(' ');
  return inNamespace(namespace, () => ({ kind: 'silence', cluster, namespace, workload, forMs, ...(why === '' ? {} : { reason: why }) }));
}

/** `-n NAMESPACE`, as for kubectl. */
function takeNamespace(words: readonly string[]): { readonly namespace: string | undefined; readonly words: readonly string[] } {
  const at = words.findIndex((word) => word === '-n' || word === '--namespace');
  if (at >= 0) return { namespace: words[at + 1], words: words.filter((_, index) => index !== at && index !== at + 1) };
  const joined = words.find((word) => word.startsWith('--namespace='));
  return { namespace: joined?.slice('--namespace='.length), words: words.filter((word) => word !== joined) };
}

function inNamespace(namespace: string, then: () => Command): Command {
  return isNamespaceName(namespace) ? then() : wrong(`${quoted(namespace)} is not a namespace: ${nameRule(namespace)}. ${FORM}`);
}

function unknownVerb(verb: string, given: readonly string[]): Command {
  // A pod alone is what people mean most.
  if (given.length === 0 && /^[a-z0-9-]+\/[a-z0-9.-]+$/.test(verb)) return wrong(`Write \`diagnose ${verb}\` to diagnose that pod.`);
  const [guess] = nearest(verb.toLowerCase(), VERBS, 1);
  return wrong(
    guess === undefined
      ? `I do not know ${quoted(verb)}. Write \`help\` for what I know.`
      : `I do not know ${quoted(verb)}. Did you mean \`${[guess, ...given.map(safe)].join(' ')}\`?`,
  );
}

const FORM = 'Write `diagnose NAMESPACE/POD`, or `diagnose` alone to choose from the pods that fail.';

function nameRule(name: string): string {
  if (name === '') return 'it is empty';
  if (name.length > 253) return 'it is too long';
  if (/[A-Z]/.test(name)) return 'names are lower case';
  return 'names have lower-case letters, digits and dashes, and begin and end with a letter or digit';
}

function didYouMean([guess]: readonly string[]): string {
  return guess === undefined ? '' : ` Did you mean ${guess}?`;
}

/** What people typed, as it may be said back: no markup, no mention. */
function quoted(text: string): string {
  return `"${safe(text)}"`;
}

function safe(text: string): string {
  return shortened(text.replace(/[^\p{L}\p{N} ./:=_-]/gu, '?'), 60);
}

function wrong(says: string): Command {
  return { kind: 'wrong', says };
}

/** What can be asked, a line each. */
export const USAGE: readonly (readonly [form: string, says: string])[] = [
  ['diagnose NAMESPACE/POD [in CLUSTER]', 'why this pod cannot pull its image'],
  ['diagnose', 'choose from the pods that fail'],
  ['scan [NAMESPACE] [in CLUSTER]', 'everything that cannot pull, by likely root cause'],
  ['history [NAMESPACE[/WORKLOAD]]', 'what was diagnosed'],
  ['status', 'what is open'],
  ['silence NAMESPACE/WORKLOAD 2h [reason]', 'do not be told of a workload by itself for a while'],
  ['silences', 'what is silenced'],
  ['freeze [reason] [in CLUSTER]', 'stop all remedies at once; `unfreeze` ends that, by two admins'],
  ['doctor', 'whether I have all that I need, for admins'],
];
