import { dateWords } from '../../text/wording.ts';
import type { Evidence } from '../evidence.ts';
import type { Finding, ProvenNames } from '../finding.ts';
import type { PullError } from './pull-error.ts';

/**
 * What the wording of a failure shows beside its symptom. Of what a mirror answers only that it is a mirror counts: it says
 * nothing certain about the registry it stands for, nor about who asked.
 */
export function messageFindings(
  error: PullError,
  about: { readonly container?: string; readonly evidence: readonly Evidence[] },
): Finding[] {
  const finding = (code: Finding['code'], says: string): Finding => ({ code, says, ...about });
  const findings: Finding[] = [];
  if (error.moved !== undefined) findings.push(finding('registry/moved', error.moved));
  if (error.mirrorOf !== undefined)
    return [
      ...findings,
      finding(
        'pod/mirror-asked',
        `The node asked ${error.host}, a mirror of ${error.mirrorOf}. What a mirror answers says nothing certain about ${error.mirrorOf}.`,
      ),
    ];
  if (error.shows !== undefined) findings.push(finding(error.shows, error.summary));
  if (error.symptom === 'tag-not-found' && error.alsoMeans === undefined)
    findings.push(finding('pod/missing-part-named', 'The message says that the tag or digest is missing, not the repository.'));
  if (error.symptom === 'forbidden' && error.operation === 'fetch')
    findings.push(finding('pod/layer-refused', 'The manifest was handed out; what is refused is one of the layers.'));
  if (error.credentials === 'none') findings.push(finding('pod/credentials-not-sent', 'The runtime asked without credentials.'));
  if (error.credentials === 'sent') findings.push(finding('pod/credentials-sent', 'The runtime sent credentials.'));
  return findings;
}

/** How Go's x509 package says that a certificate ended by the clock of the node; before its first day it says `is before`. */
const CERTIFICATE_END = /\bis after ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)/;

/** The day on which a certificate ended, where the message of a failure says it and the clock that saw the message agrees. */
export function certificateEnd({ symptom }: PullError, { text, observedAt }: Evidence): { readonly names?: ProvenNames } {
  const end = symptom === 'tls-expired' ? CERTIFICATE_END.exec(text)?.[1] : undefined;
  return end !== undefined && Date.parse(end) <= Date.parse(observedAt) ? { names: { expired: dateWords(end, new Date(observedAt)) } } : {};
}
