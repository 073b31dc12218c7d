import { splitMembers } from './error-members.ts';
import { type ErrorText, type ErrorUrl, normalise, readErrorText } from './error-text.ts';

/** What a runtime's message can say, most telling first: when a message holds several errors, the first listed here leads. */
export const SYMPTOMS = [
  'invalid-reference',
  'pull-never',
  'signature-policy',
  'disk-full',
  'runtime-unavailable',
  'credential-provider',
  'layer-corrupt',
  'unsupported-manifest',
  'platform-mismatch',
  'tag-not-found',
  'repository-not-found',
  'rate-limited',
  'denied-or-missing',
  'forbidden',
  'unauthorized',
  'tls-expired',
  'tls-hostname',
  'tls-untrusted',
  'http-https-mismatch',
  'proxy-error',
  'dns-failure',
  'connection-refused',
  'network-unreachable',
  'registry-unavailable',
  'connection-reset',
  'network-timeout',
  'pull-canceled',
  'pull-qps',
  'unknown',
] as const;
export type Symptom = (typeof SYMPTOMS)[number];

/** Orders symptoms, the most telling first. */
export function moreTellingFirst(a: Symptom, b: Symptom): number {
  return SYMPTOMS.indexOf(a) - SYMPTOMS.indexOf(b);
}

/**
 * False for what leaves open why a pull fails: a bare back-off, and `pull QPS exceeded`, which stands before the error
 * that the next attempt will show. An older message, or one of another pod, may tell more.
 */
export function namesCause(symptom: Symptom): boolean {
  return symptom !== 'unknown' && symptom !== 'pull-qps';
}

/** The runtimes a message can come from. */
export const RUNTIMES = ['containerd', 'cri-o', 'docker', 'kubelet', 'unknown'] as const;
/** Who phrased the error; `kubelet` when it refused before asking a runtime. */
export type Runtime = (typeof RUNTIMES)[number];

/** The stages of a pull, in their order. */
export const OPERATIONS = ['dial', 'authorise', 'resolve', 'fetch', 'unpack'] as const;
/** How far the pull got. From `fetch` on, the reference and the credentials were fine. */
export type Operation = (typeof OPERATIONS)[number];

/** One way in which a runtime phrases an error: a row of runbooks/pull-errors.yaml. */
export interface PullErrorRule {
  readonly id: string;
  readonly symptom: Symptom;
  /** Another symptom for which this runtime uses the very same words. */
  readonly alsoMeans?: Symptom | undefined;
  /** Regular expression over the lower-case words of one error, data already replaced. Every repetition is bounded. */
  readonly pattern: string;
  readonly runtime: Runtime | 'any';
  /** Runtime versions known to phrase it so, for readers. */
  readonly versions?: string | undefined;
  /** Set when the wording tells whether the runtime sent credentials. */
  readonly credentials?: 'sent' | 'none' | undefined;
  /** Real phrasings; each must match this row and no earlier one. */
  readonly samples: readonly string[];
}

/** The whole of runbooks/pull-errors.yaml. Order of `rules` is meaning: the first row that matches wins. */
export interface PullErrorRules {
  /** One sentence a symptom; `{host|the registry}` is the host if the message names it, else the words after the bar. */
  readonly summaries: Readonly<Record<Symptom, string>>;
  readonly runtimes: readonly { readonly runtime: Runtime; readonly pattern: string }[];
  readonly operations: readonly { readonly operation: Operation; readonly pattern: string }[];
  readonly rules: readonly PullErrorRule[];
}

/** What one error says, and nothing it does not say: absent fields were not in the message. */
export interface PullError {
  readonly symptom: Symptom;
  /** Set when the same words may as well stand for this. */
  readonly alsoMeans?: Symptom;
  /** Id of the row that matched; absent for `unknown` without a row. */
  readonly rule?: string;
  readonly runtime: Runtime;
  readonly operation?: Operation;
  /** The image as the outermost part of the message writes it. */
  readonly image?: string;
  /** Host (and port) of the request that failed, or the registry written in the reference. */
  readonly host?: string;
  /** The registry that `host` was asked to stand in for, when the message shows a mirror. */
  readonly mirrorOf?: string;
  readonly httpStatus?: number;
  readonly credentials?: 'sent' | 'none';
  /** One sentence for people. */
  readonly summary: string;
  /** The other errors of an aggregate, most telling first. */
  readonly others: readonly PullError[];
}

/** Classifies one message of a kubelet event, a `waiting.message` or a kubelet log line. Never throws. */
export type PullErrorClassifier = (message: string) => PullError;

/** Prepares the rules once; the classifier it returns takes time linear in the length of the message. */
export function createPullErrorClassifier(rules: PullErrorRules): PullErrorClassifier {
  const rows = rules.rules.map((rule) => ({ rule, pattern: new RegExp(rule.pattern) }));
  const runtimes = rules.runtimes.map((row) => ({ ...row, pattern: new RegExp(row.pattern) }));
  const operations = rules.operations.map((row) => ({ ...row, pattern: new RegExp(row.pattern) }));

  function classifyOne(message: string): PullError {
    const text = readErrorText(message);
    const rule = rows.find((row) => row.pattern.test(text.words))?.rule;
    const symptom = rule?.symptom ?? 'unknown';
    const image = text.references[0];
    const host = failingHost(text);
    const mirrorOf = mirrored(text);
    const httpStatus = statusOf(text.words);
    const operation = operations.find((row) => row.pattern.test(text.words))?.operation;
    return {
      symptom,
      ...(rule?.alsoMeans === undefined ? {} : { alsoMeans: rule.alsoMeans }),
      ...(rule === undefined ? {} : { rule: rule.id }),
      runtime: runtimes.find((row) => row.pattern.test(text.words))?.runtime ?? 'unknown',
      ...(operation === undefined ? {} : { operation }),
      ...(image === undefined ? {} : { image }),
      ...(host === undefined ? {} : { host }),
      ...(mirrorOf === undefined ? {} : { mirrorOf }),
      ...(httpStatus === undefined ? {} : { httpStatus }),
      ...(rule?.credentials === undefined ? {} : { credentials: rule.credentials }),
      summary: summarise(rules.summaries[symptom], { host, image }),
      others: [],
    };
  }

  return (message) => {
    const text = normalise(message);
    const parts = splitMembers(text);
    if (!parts) return classifyOne(text);
    const errors = parts.members.map(classifyOne);
    const [lead, ...others] = parts.firstLeads ? knownFirst(errors) : mostTellingFirst(errors);
    if (!lead) return classifyOne(text);
    const wrapper = readErrorText(parts.wrapper);
    const image = wrapper.references[0] ?? lead.image;
    const host = lead.host ?? failingHost(wrapper);
    const runtime = errors.map((error) => error.runtime).find((name) => name !== 'unknown') ?? 'unknown';
    return { ...lead, ...(image === undefined ? {} : { image }), ...(host === undefined ? {} : { host }), runtime, others };
  };
}

function mostTellingFirst(errors: readonly PullError[]): readonly PullError[] {
  return [...errors].sort((a, b) => moreTellingFirst(a.symptom, b.symptom));
}

/** In their order, except that an error nobody knows does not lead where another is known. */
function knownFirst(errors: readonly PullError[]): readonly PullError[] {
  return [...errors].sort((a, b) => Number(a.symptom === 'unknown') - Number(b.symptom === 'unknown'));
}

/** The last request names the host that failed; a reference names one only if its registry is written out. */
function failingHost(text: ErrorText): string | undefined {
  const url = lastRequest(text);
  if (url) return url.host;
  for (const reference of [...text.references].reverse()) {
    const slash = reference.indexOf('/');
    const first = slash < 0 ? '' : reference.slice(0, slash);
    if (first === 'localhost' || WRITTEN_HOST.test(first)) return first;
  }
  return text.lookedUp;
}

const WRITTEN_HOST = /^(?=[^.]{0,255}[.:])[A-Za-z0-9<>*#_-]{1,63}(?:\.[A-Za-z0-9<>*#_-]{1,63}){0,20}(?::[0-9]{1,5})?$/;

function mirrored(text: ErrorText): string | undefined {
  const url = lastRequest(text);
  return url?.upstream !== undefined && url.upstream !== url.host ? url.upstream : undefined;
}

function lastRequest(text: ErrorText): ErrorUrl | undefined {
  return text.urls.findLast((url) => url.requested);
}

const STATUS =
  /(?:status|http|code|response)[^0-9]{0,60}\b([45][0-9]{2})\b|\b([45][0-9]{2}) (?:unauthorized|forbidden|not found|too many|internal server|bad gateway|service unavailable|gateway time|bad request|method not|proxy auth)/;

function statusOf(words: string): number | undefined {
  const match = STATUS.exec(words);
  const digits = match?.[1] ?? match?.[2];
  return digits === undefined ? undefined : Number(digits);
}

function summarise(template: string, facts: { host: string | undefined; image: string | undefined }): string {
  return template.replace(/\{(host|image)\|([^}]{0,80})\}/g, (_, key: 'host' | 'image', otherwise: string) => facts[key] ?? otherwise);
}
