import { redact } from '../../facts/redaction.ts';
import type { PullDocument } from '../../node/document.ts';
import { byteWords, duration } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import type { Finding } from '../finding.ts';
import { messageFindings } from '../message/message-findings.ts';
import type { PullError } from '../message/pull-error.ts';
import type { TaskSubject } from './probe-findings.ts';

/** What a pull that was tried on a node shows: the runtime's words anew, or that the image can be had there now. */
export function pullFindings(
  document: PullDocument,
  { node, container }: TaskSubject,
  classify: (message: string) => PullError,
): readonly Finding[] {
  const { at, image, milliseconds, outcome, login } = document;
  const seen = (text: string) => [observed('node', { from: 'node', at, text })];
  switch (outcome.status) {
    case 'failed': {
      const evidence = seen(outcome.message);
      const error = classify(outcome.message);
      return [
        { code: `pull-error/${error.symptom}`, says: error.summary, container, evidence },
        ...messageFindings(error, { container, evidence }),
      ];
    }
    case 'timed-out':
      return [
        {
          code: 'pull-error/network-timeout',
          says: redact(`A pull of ${image} on ${node} did not end in ${duration(milliseconds)}.`),
          container,
          evidence: seen(`not pulled after ${milliseconds} ms`),
        },
      ];
    case 'pulled': {
      // What was there already says nothing about the registry's layers, but its manifest was asked for all the same.
      const how = login === 'anonymous' ? 'without a login' : 'with its login';
      const says = redact(`${node} pulled ${image} ${how} just now (${byteWords(outcome.bytes)}, ${duration(milliseconds)}).`);
      const evidence = seen(
        `pulled ${outcome.id} in ${milliseconds} ms${outcome.stays === undefined ? '' : `; it stays: ${outcome.stays}`}`,
      );
      return [
        { code: 'registry/exists', says, container, evidence },
        { code: login === 'anonymous' ? 'registry/public' : 'registry/credential-works', says, container, evidence },
      ];
    }
    default:
      return outcome satisfies never;
  }
}
