import { SYMPTOMS, type Symptom } from './pull-error.ts';

/** Where an observation was made. What the bot sees says nothing certain about a node. */
export type Vantage = 'api-server' | 'node' | 'bot';

/** One observation. Its text is redacted when it is made, so nothing that handles it later has to. */
export interface Evidence {
  readonly source: 'pod-spec' | 'pod-status' | 'pod-event' | 'pod-list';
  readonly vantage: Vantage;
  /** RFC 3339; when the thing was seen, or last seen, by its source. */
  readonly observedAt: string;
  readonly text: string;
  /** How often it was seen, when more than once. */
  readonly times?: number;
}

/** What a pod and its events can show besides the runtime's message; closed, so that causes.yaml can be checked. */
const POD_FINDINGS = [
  'pod/cancelled-after-no-progress',
  'pod/credentials-not-sent',
  'pod/credentials-sent',
  'pod/earlier-pull-failure',
  'pod/no-pull-secret',
  'pod/other-warning',
  'pod/pull-in-progress',
  'pod/pull-no-progress',
  'pod/pull-policy-never',
  'pod/pull-secret-attached',
  'pod/pull-secret-not-retrieved',
  'pod/reference-invalid',
] as const;
/** What was found; stable, since causes.yaml, runbooks and scripts name it. */
export type FindingCode = (typeof POD_FINDINGS)[number] | `pull-error/${Symptom}`;

/** Every code there is. */
export const FINDING_CODES: readonly FindingCode[] = [...POD_FINDINGS, ...SYMPTOMS.map((symptom) => `pull-error/${symptom}` as const)];

/** A closed code with the evidence behind it. */
export interface Finding {
  readonly code: FindingCode;
  /** One sentence for people: what was found. Redacted. */
  readonly says: string;
  /** The container it is about; absent when it is about the whole pod or more. */
  readonly container?: string;
  /** True when it was seen on another pod and is only assumed to hold here as well. */
  readonly indirect?: boolean;
  readonly evidence: readonly Evidence[];
}
