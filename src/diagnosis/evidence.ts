import { type Redacted, redact } from '../facts/redaction.ts';

export const VANTAGES = ['api-server', 'node', 'bot'] as const;
/** Where an observation was made. What the bot sees says nothing certain about a node. */
export type Vantage = (typeof VANTAGES)[number];

/** A place from which servers are asked. */
export type NetworkVantage = Exclude<Vantage, 'api-server'>;

/** One observation, made by `observed`. */
export interface Evidence {
  readonly source:
    | 'pod-spec'
    | 'pod-status'
    | 'pod-event'
    | 'pod-list'
    | 'service-account'
    | 'pull-secret'
    | 'registry'
    | 'endpoint'
    | 'node'
    | 'kubelet-metrics'
    | 'kubelet-configuration'
    | 'kubelet-log';
  readonly vantage: Vantage;
  /** RFC 3339; when the thing was seen, or last seen, by its source. */
  readonly observedAt: string;
  readonly text: Redacted;
  /** How often it was seen, when more than once. */
  readonly times?: number;
}

/** Makes evidence: the one place where a text from outside becomes one, redacted, so that nothing that handles it later has to. */
export function observed(
  source: Evidence['source'],
  given: { readonly from: Vantage; readonly at: Date | string; readonly text: string; readonly times?: number },
): Evidence {
  const { from, at, text, times = 1 } = given;
  const observedAt = typeof at === 'string' ? at : at.toISOString();
  return { source, vantage: from, observedAt, text: redact(text), ...(times > 1 ? { times } : {}) };
}
