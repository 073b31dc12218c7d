import type { Finding, FindingCode } from './finding.ts';
import type { PullError } from './pull-error.ts';

/** What a message tells all by itself, without the pod it is about. */
export function messageFindings(error: PullError): readonly Finding[] {
  const codes: readonly FindingCode[] = [
    `pull-error/${error.symptom}`,
    ...(error.symptom === 'tag-not-found' && error.alsoMeans === undefined ? (['pod/missing-part-named'] as const) : []),
    ...(error.credentials === 'sent' ? (['pod/credentials-sent'] as const) : []),
    ...(error.credentials === 'none' ? (['pod/credentials-not-sent'] as const) : []),
  ];
  return codes.map((code) => ({ code, says: error.summary, evidence: [] }));
}
