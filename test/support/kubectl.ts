import type { ContainerKind } from '../../src/diagnosis/pod/target.ts';

/** One call of kubectl inside a command: its verb with subcommand, and the object it is about as `kind/name`, if any. */
export interface KubectlCall {
  readonly verb: string;
  readonly kind: string | undefined;
  readonly text: string;
}

const TWO_WORDS = /^(?:set|rollout|create|config|auth) /;
const BUILT_IN = ['deployment', 'daemonset', 'statefulset', 'replicaset', 'replicationcontroller', 'cronjob'];

/**
 * What each verb accepts, as kubectl 1.36 and its API server answered to --dry-run=server (see the notes of the release).
 * A kind that is not listed is refused: by kubectl itself, or by the server because the field cannot be changed.
 */
const KINDS: Readonly<Record<string, readonly string[] | 'any'>> = {
  'set image': ['pod', ...BUILT_IN],
  'rollout undo': ['deployment', 'daemonset', 'statefulset'],
  'rollout history': ['deployment', 'daemonset', 'statefulset'],
  'rollout restart': ['deployment', 'daemonset', 'statefulset'],
  patch: [...BUILT_IN, 'secret', 'serviceaccount'],
  'patch --local': 'any',
  delete: ['pod', 'job'],
  debug: ['pod', 'node'],
  get: 'any',
  describe: 'any',
  'replace --force': 'any',
  'create secret': 'any',
  cordon: 'any',
};
/** No container of these kinds can be named to `kubectl set image`. */
const NOT_SET: readonly ContainerKind[] = ['ephemeral container', 'image volume', 'pod sandbox'];
/** `kubectl edit` takes any kind, and the server refuses a changed template of these. */
const NOT_EDITED = ['pod', 'job', 'node'];

/** The calls of kubectl in a command, those in substitutions as well. */
export function kubectlCalls(run: string): readonly KubectlCall[] {
  return run
    .replace(/\\\n\s*/g, '')
    .split(/\bkubectl (?=[a-z])/)
    .slice(1)
    .map((rest) => {
      const text = rest.split(/\n|;|\|(?!\|)|&&|\)$/)[0]?.trim() ?? '';
      const [first = '', second = ''] = text.split(' ');
      const flag = / --(local|force)\b/.exec(text)?.[0] ?? '';
      const verb = TWO_WORDS.test(text) ? `${first} ${second}` : first + (first === 'patch' || first === 'replace' ? flag : '');
      const named = /(?:^| )([a-z]+)(?:\/| (?=[a-z<]))[a-z0-9<]/.exec(text.replace(/ -n \S+/, '').slice(verb.replace(flag, '').length));
      return { verb, kind: named?.[1], text };
    });
}

/** Why kubectl or the server would refuse a call, or undefined. */
export function objectionTo({ verb, kind, text }: KubectlCall, container: ContainerKind): string | undefined {
  if (verb === 'edit') return kind === undefined || NOT_EDITED.includes(kind) ? `cannot be edited: ${text}` : undefined;
  const kinds = KINDS[verb];
  if (kinds === undefined) return `no rule says what this accepts: ${text}`;
  if (kinds !== 'any' && (kind === undefined || !kinds.includes(kind))) return `not for this kind: ${text}`;
  return verb === 'set image' && NOT_SET.includes(container) ? `knows no ${container}: ${text}` : undefined;
}

/** Programs that leave cluster, registry and node as they are. */
const READERS =
  /^\(?(?:umask 077|kubectl (?:get|describe|rollout history|patch --local)|crane (?:ls|manifest|digest|validate)|curl -s(?:v|SI)|containerd config dump|ctr plugins ls|dmesg|findmnt|tail|openssl (?:s_client|x509)|journalctl|systemctl (?:status|show)|crictl (?:images|info)|helm get|argocd app get|cat|grep|ls|df|ip (?:-6 )?route|getent|timedatectl|base64|jq)\b/;

/** Whether every part of a command only reads. */
export function onlyReads(run: string): boolean {
  const parts = run.replace(/'[^']*'|"[^"]*"/g, "''").split(/[;|]|&&/);
  return parts.every((part) => READERS.test(part.trim()));
}

/** What no fix and no page may tell people to do. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/--docker-password|--password[ =](?!-)|--creds|-p (?:PASSWORD|<password>)/, 'a password on a command line'],
  [/kubectl delete secret/, 'a secret deleted before another is there'],
  [/create secret docker-registry[^`]*\|\s*kubectl (?:apply|replace)/, 'a secret written anew without the logins that are in it'],
  [/patch serviceaccount[^\n]*-p '\{"imagePullSecrets"/, 'a list of pull secrets replaced'],
  [/(?:-t|--tag)[ =](?:IMAGE|registry\.example\/shop\/web:1)(?=\s)/, 'a tag pushed in place'],
  [/copy [^\n]*docker:\/\/(\S+)\s+docker:\/\/\1(?=[\s`.]|$)/, 'a tag copied onto itself'],
];

/** The names of what a text must not tell people to do and does. */
export function forbiddenIn(text: string): readonly string[] {
  return FORBIDDEN.flatMap(([pattern, name]) => (pattern.test(text) ? [`${name}: ${text.slice(0, 200)}`] : []));
}
