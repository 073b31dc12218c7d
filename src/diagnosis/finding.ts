import type { Evidence, Vantage } from './evidence.ts';
import { MESSAGE_FINDINGS, SYMPTOMS, type Symptom } from './message/pull-error.ts';

/** What the steps can find besides the runtime's message; closed, so that causes.yaml can be checked. */
const STEP_FINDINGS = [
  // What a message shows beyond its symptom.
  ...MESSAGE_FINDINGS,
  // The pod and its events.
  'pod/cancelled-after-no-progress',
  'pod/credentials-not-sent',
  'pod/credentials-sent',
  'pod/anonymous-scope-refused',
  'pod/earlier-pull-failure',
  'pod/layer-refused',
  'pod/mirror-asked',
  'pod/missing-part-named',
  'pod/no-pull-secret',
  'pod/other-warning',
  'pod/pull-in-progress',
  'pod/pull-no-progress',
  'pod/pull-outlasts-size',
  'pod/pull-policy-never',
  'pod/pull-secret-attached',
  'pod/reference-invalid',
  'pod/waited-for-pulls',
  // Other pods.
  'pods/repository-pulled',
  // The registry, asked anonymously and with the kubelet's credentials.
  'registry/address-blocked',
  'registry/anonymous-rate-limited',
  'registry/blob-missing',
  'registry/credential-forbidden',
  'registry/credential-rejected',
  'registry/credential-works',
  'registry/exists',
  'registry/failing',
  'registry/image-size',
  'registry/login-needed',
  'registry/login-rate-limited',
  'registry/missing',
  'registry/moved',
  'registry/platform-missing',
  'registry/platform-offered',
  'registry/private-or-missing',
  'registry/public',
  'registry/rate-limit-low',
  'registry/rate-limited',
  'registry/same-address-rate-limited',
  'registry/repository-missing',
  'registry/similar-tags',
  'registry/stale-credential-on-public',
  'registry/tag-missing',
  'registry/unreachable',
  'registry/unsupported-manifest',
  'registry/unusable-answer',
  // The pull secrets, by the kubelet's own rules.
  'secret/added-to-service-account-later',
  'secret/expired',
  'secret/host-mismatch',
  'secret/malformed',
  'secret/matches',
  'secret/no-login',
  'secret/none-on-service-account',
  'secret/not-found',
  'secret/wrong-type',
  // The way to the registry and its token server, from the bot.
  'endpoint/address-refused',
  'endpoint/answers',
  'endpoint/connection-refused',
  'endpoint/connection-reset',
  'endpoint/dns-failure',
  'endpoint/failing',
  'endpoint/not-a-registry',
  'endpoint/plain-http',
  'endpoint/proxy-failure',
  'endpoint/speaks-tls',
  'endpoint/timeout',
  'endpoint/tls-expired',
  'endpoint/tls-expires-soon',
  'endpoint/tls-hostname',
  'endpoint/tls-untrusted',
  'endpoint/unreachable',
  // The node.
  'node/clock-off',
  'node/disk-full',
  'node/disk-pressure',
  'node/disk-room',
  'node/image-absent',
  'node/image-does-not-fit',
  'node/image-exceeds-disk',
  'node/image-present',
  'node/inodes-short',
  'node/network-unavailable',
  'node/not-ready',
  'node/platform',
  'node/ready',
  'node/repository-present',
  'node/resolver-failing',
  'node/tainted',
  'node/unschedulable',
  'node/unused-images',
  // Its kubelet.
  'kubelet/cleanup',
  'kubelet/credential-provider-failed',
  'kubelet/evictions',
  'kubelet/forbidden',
  'kubelet/low-pull-rate',
  'kubelet/oldest-pull',
  'kubelet/parallel-pulls',
  'kubelet/pull-errors',
  'kubelet/pulls-fine',
  'kubelet/runtime-slow',
  'kubelet/serialized-pulls',
  'kubelet/serialized-stall',
  'kubelet/slow-pulls',
  'kubelet/sync-slow',
  'kubelet/log-lines',
  'kubelet/verifies-credentials',
] as const;
/** What was found; stable, since causes.yaml, runbooks and scripts name it. */
export type FindingCode = (typeof STEP_FINDINGS)[number] | `pull-error/${Symptom}`;

/** A code, or a code as seen from one place: `endpoint/dns-failure@node`. */
export type Sighting = FindingCode | `${FindingCode}@${Vantage}`;

/** All that findings show: each code, and each place that it was seen from. */
export function sightingsOf(findings: readonly Finding[]): ReadonlySet<Sighting> {
  return new Set(
    findings.flatMap(({ code, evidence }): Sighting[] => [code, ...evidence.map(({ vantage }) => `${code}@${vantage}` as const)]),
  );
}

/** The code of a sighting. */
export function codeOf(sighting: Sighting): FindingCode {
  // A code holds no @, so what stands before it is the whole code.
  return sighting.split('@', 1)[0] as FindingCode;
}

/** Every code there is. */
export const FINDING_CODES: readonly FindingCode[] = [...STEP_FINDINGS, ...SYMPTOMS.map((symptom) => `pull-error/${symptom}` as const)];

/**
 * What a finding can prove by name. Titles and commands of causes.yaml refer to these as placeholders of the same names.
 * `expired` completes "the token expired" or "the certificate expired", `flaw` is what breaks the rules for image names, `blocker` is the pod whose pull
 * the others wait for, `offered` the platforms an image is built for, `platform` that of the node, and `pullingFor` how long
 * a pull has lasted; `waited` is how long one waited in line, `runtime` the system service on the node.
 */
export const PROVEN_NAMES = ['secret', 'runtime', 'expired', 'flaw', 'blocker', 'offered', 'platform', 'pullingFor', 'waited'] as const;
export type ProvenNames = Readonly<Partial<Record<(typeof PROVEN_NAMES)[number], string>>>;

/** The name that all of these are; undefined where they differ, or where one of them is unknown. */
export function nameThatAllGive(names: readonly (string | undefined)[]): string | undefined {
  const [name, ...others] = new Set(names);
  return others.length === 0 ? name : undefined;
}

/** The names on which all findings that give one agree. */
export function provenNames(findings: readonly Finding[]): ProvenNames {
  return Object.fromEntries(
    PROVEN_NAMES.flatMap((kind) => {
      const name = nameThatAllGive(findings.flatMap(({ names }) => names?.[kind] ?? []));
      return name === undefined ? [] : [[kind, name]];
    }),
  );
}

/** A closed code with the evidence behind it. */
export interface Finding {
  readonly code: FindingCode;
  /** One sentence for people: what was found. Redacted. */
  readonly says: string;
  /** The container it is about; absent when it is about the whole pod or more. */
  readonly container?: string;
  /** True when it was seen on another pod and is only assumed to hold here as well. */
  readonly indirect?: boolean;
  /** What it is about by name, so that headline and fix name what the evidence names. */
  readonly names?: ProvenNames;
  readonly evidence: readonly Evidence[];
}

/** The order in which people read findings: what the runtime said, then what the checks showed, from near to far. */
const AREAS = ['pull-error', 'pod', 'pods', 'secret', 'registry', 'endpoint', 'node', 'kubelet'];

/** Sorts findings for reading, so that their order does not depend on which step was faster. */
export function inReadingOrder(findings: readonly Finding[]): readonly Finding[] {
  const rank = ({ code, indirect }: Finding) => AREAS.indexOf(code.slice(0, code.indexOf('/'))) * 2 + (indirect ? 1 : 0);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}
