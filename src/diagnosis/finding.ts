import type { Symptom } from './pull-error.ts';

/** Where an observation was made. What the bot sees says nothing certain about a node. */
export type Vantage = 'api-server' | 'node' | 'bot';

/** One observation. Its text is redacted when it is made, so nothing that handles it later has to. */
export interface Evidence {
  readonly source: 'pod-spec' | 'pod-status' | 'pod-event' | 'pod-list';
  readonly vantage: Vantage;
  /** RFC 3339; when the thing was seen, or last seen, by its source. */
  readonly observedAt: string;
  readonly text: string;
}

/** What the steps can find; closed, so that causes.yaml can be checked against it. */
export const FINDING_CODES = [
  'pod/credentials-not-sent',
  'pod/credentials-sent',
  'pod/events-expired',
  'pod/no-pull-secret',
  'pod/pull-in-progress',
  'pod/pull-no-progress',
  'pod/pull-policy-never',
  'pod/pull-secret-attached',
  'pod/pull-secret-not-retrieved',
  'pod/pulled',
  'pod/reference-invalid',
  'pod/cancelled-after-no-progress',
  'scope/node-pulls-other-images',
  'scope/only-this-node',
  'scope/same-image-fails-elsewhere',
  'scope/same-image-runs-elsewhere',
  'scope/same-registry-fails',
] as const;
export type FindingCode = (typeof FINDING_CODES)[number] | `pull-error/${Symptom}`;

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
