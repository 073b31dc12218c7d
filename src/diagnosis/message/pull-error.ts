import { splitMembers } from './error-members.ts';
import { normalise, readErrorText } from './error-text.ts';
import { failingHost } from './failing-host.ts';
import { createFirstMatch } from './first-match.ts';
import { type MovedImages, movedHint } from './moved-images.ts';
import { createSubjectReader, type OtherError, type PullWords, type Subject } from './pull-context.ts';

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

/** What a wording can show beyond its symptom; findings about the pod, see finding.ts. */
export const MESSAGE_FINDINGS = [
  'pod/access-rule-named',
  'pod/image-storage-failed',
  'pod/proxy-status',
  'pod/pull-secret-not-retrieved',
  'pod/registry-policy',
  'pod/runtime-misconfigured',
  'pod/scope-not-granted',
  'pod/snapshotter-failed',
  'pod/tls-handshake-failed',
  'pod/unpack-refused',
] as const;
export type MessageFinding = (typeof MESSAGE_FINDINGS)[number];

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
  /** What these words show more exactly than the symptom says. */
  readonly shows?: MessageFinding | undefined;
  /** Takes the place of the symptom's summary where that would say too much or too little. */
  readonly summary?: string | undefined;
  /** True when the words can only be those of a pull, so that the message need not say that it is about one. */
  readonly alone?: boolean | undefined;
  /** Real phrasings; each must match this row and no earlier one. */
  readonly samples: readonly string[];
}

/** The whole of runbooks/pull-errors.yaml. Order of `rules` is meaning: the first row that matches wins. */
export interface PullErrorRules {
  /** One sentence a symptom; `{host|the registry}` is the host if the message names it, else the words after the bar. */
  readonly summaries: Readonly<Record<Symptom, string>>;
  readonly runtimes: readonly { readonly runtime: Runtime; readonly pattern: string }[];
  readonly operations: readonly { readonly operation: Operation; readonly pattern: string }[];
  readonly pullWords: PullWords;
  readonly otherErrors: readonly OtherError[];
  readonly movedImages: readonly MovedImages[];
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
  /** What the words show more exactly than the symptom says. */
  readonly shows?: MessageFinding;
  /** One sentence about where the image went, if it is known to have moved and that may be why. */
  readonly moved?: string;
  /** What an `unknown` text would stand for if it is a piece of an error about a pull. */
  readonly wouldMean?: Symptom;
  /** Whether the message is about a pull at all; anything else is `unknown`. */
  readonly about: Subject['kind'];
  /** One sentence for people. */
  readonly summary: string;
  /** The other errors of an aggregate, most telling first. */
  readonly others: readonly PullError[];
}

/** Classifies one message of a kubelet event, a `waiting.message` or a kubelet log line. Never throws. */
export type PullErrorClassifier = (message: string) => PullError;

/** True when the words of the error itself name why the pull fails, be it beyond what a symptom can say. */
export function tellsCause(error: PullError): boolean {
  return namesCause(error.symptom) || error.shows !== undefined;
}

/** Prepares the rules once; the classifier it returns takes time linear in the length of the message. */
export function createPullErrorClassifier(rules: PullErrorRules): PullErrorClassifier {
  const ruleFor = createFirstMatch(rules.rules);
  const ruleAlone = createFirstMatch(rules.rules.filter(({ alone }) => alone));
  // Short lists of which a row nearly always matches: trying rows together would only cost time.
  const runtimes = rules.runtimes.map((row) => ({ ...row, pattern: new RegExp(row.pattern) }));
  const operations = rules.operations.map((row) => ({ ...row, pattern: new RegExp(row.pattern) }));
  const said = new Map(rules.rules.map((rule) => [rule, saidByRule(rule)]));
  const subjectOf = createSubjectReader(rules);

  /** `whole` is the message that the error is a member of: it says what both are about and which image was wanted. */
  function classifyOne(message: string, whole?: { readonly subject: Subject; readonly image: string | undefined }): PullError {
    const text = readErrorText(message);
    const subject = whole?.subject ?? subjectOf(text, message);
    const found = ruleFor(text.words);
    const rule = subject.kind === 'pull' ? found : subject.kind === 'unsaid' ? ruleAlone(text.words) : undefined;
    const symptom = rule?.symptom ?? 'unknown';
    const image = text.references[0];
    const place = failingHost(text, whole?.image ?? image);
    const fill = (template: string) => summarise(template, { host: place.host, image });
    return {
      symptom,
      ...(rule && said.get(rule)),
      runtime: runtimes.find((row) => row.pattern.test(text.words))?.runtime ?? 'unknown',
      ...given('operation', operations.find((row) => row.pattern.test(text.words))?.operation),
      ...given('image', image),
      ...given('moved', place.mirrorOf === undefined ? movedHint(whole?.image ?? image ?? '', symptom, rules.movedImages) : undefined),
      ...place,
      ...given('httpStatus', statusOf(text.words)),
      ...given('wouldMean', wouldMean({ rule, subject, found })),
      about: rule === undefined ? subject.kind : 'pull',
      summary: rule ? fill(rule.summary ?? rules.summaries[symptom]) : unknownSummary(subject, found, fill),
      others: [],
    };
  }

  /** A text that says of no pull may be a piece of an error that somebody cut out; then it is said what it would mean. */
  function unknownSummary(subject: Subject, rule: PullErrorRule | undefined, fill: (template: string) => string): string {
    if (subject.kind === 'other') return subject.error.summary;
    if (subject.kind === 'pull') return fill(rules.summaries.unknown);
    const meant = rule && symptomOf(rule) ? ` If it is: ${fill(rule.summary ?? rules.summaries[rule.symptom])}` : '';
    return `Nothing in the message says that it is about pulling an image.${meant}`;
  }

  return (message) => {
    const text = normalise(message);
    const parts = splitMembers(text);
    if (!parts) return classifyOne(text);
    const wrapper = readErrorText(parts.wrapper);
    const whole = { subject: subjectOf(readErrorText(text), text), image: wrapper.references[0] };
    const errors = parts.members.map((member) => classifyOne(member, whole));
    const [lead, ...others] = parts.firstLeads ? knownFirst(errors) : mostTellingFirst(errors);
    if (!lead) return classifyOne(text);
    const image = whole.image ?? lead.image;
    const host = lead.host ?? failingHost(wrapper, image).host;
    const runtime = errors.map((error) => error.runtime).find((name) => name !== 'unknown') ?? 'unknown';
    return { ...lead, ...(image === undefined ? {} : { image }), ...(host === undefined ? {} : { host }), runtime, others };
  };
}

/** What a text that fits no rule by itself, and does not say what it is about, would stand for. */
function wouldMean(given: {
  readonly rule: PullErrorRule | undefined;
  readonly subject: Subject;
  readonly found: PullErrorRule | undefined;
}): Symptom | undefined {
  return given.rule === undefined && given.subject.kind === 'unsaid' ? symptomOf(given.found) : undefined;
}

/** What a rule names; undefined where that is no symptom. */
function symptomOf(rule: PullErrorRule | undefined): Symptom | undefined {
  return rule === undefined || rule.symptom === 'unknown' ? undefined : rule.symptom;
}

/** What follows from the wording alone. */
function saidByRule(rule: PullErrorRule): Pick<PullError, 'alsoMeans' | 'rule' | 'credentials' | 'shows'> {
  const { id, alsoMeans, credentials, shows } = rule;
  return { ...given('alsoMeans', alsoMeans), rule: id, ...given('credentials', credentials), ...given('shows', shows) };
}

/** A field only where there is a value for it. */
function given<K extends string, V>(key: K, value: V | undefined): { readonly [name in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [name in K]: V });
}

function mostTellingFirst(errors: readonly PullError[]): readonly PullError[] {
  return [...errors].sort((a, b) => moreTellingFirst(a.symptom, b.symptom));
}

/** In their order, except that an error nobody knows does not lead where another is known. */
function knownFirst(errors: readonly PullError[]): readonly PullError[] {
  const unknown = (error: PullError) => Number(error.symptom === 'unknown' && error.shows === undefined);
  return [...errors].sort((a, b) => unknown(a) - unknown(b));
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
