import { ANONYMOUS } from '../../facts/credential.ts';
import type { RateLimit } from '../../facts/registry-answer.ts';
import { duration } from '../../text/wording.ts';
import type { Finding } from '../finding.ts';
import { type Inquiry, manifestAnswers } from './manifest-inquiry.ts';
import { refusalWords } from './refusal-words.ts';
import type { MakeFinding } from './registry-findings.ts';

/** Below this share of a limit, what is left of it is mentioned. */
const LOW_SHARE = 0.1;

/**
 * Registries count pulls by account or by address. A refusal to the login that the node sends as well, or to an address that
 * is the node's as well, is the node's own limit; one to imagepull from elsewhere need not be.
 */
export function sharedLimitFindings(inquiry: Inquiry, finding: MakeFinding): readonly Finding[] {
  const { registry } = inquiry.reference;
  return manifestAnswers(inquiry).flatMap(({ account, answer }) => {
    if (answer.status !== 'rate-limited') return [];
    const source = answer.rateLimit?.source;
    const sameLogin = account !== ANONYMOUS;
    const sameAddress = source !== undefined && inquiry.nodeAddresses.includes(source);
    return [
      ...(sameLogin
        ? [
            finding(
              'registry/login-rate-limited',
              `${registry} limits ${account.name}, which the node sends as well (${refusalWords(answer)}).`,
            ),
          ]
        : []),
      ...(sameAddress
        ? [
            finding(
              'registry/same-address-rate-limited',
              `${registry} limits the address ${source}, from which the node pulls as well (${refusalWords(answer)}).`,
            ),
          ]
        : []),
    ];
  });
}

/** What is left of a limit, when it is little. */
export function limitFindings(inquiry: Inquiry, finding: MakeFinding): readonly Finding[] {
  const limits = inquiry.asked.flatMap(({ answer, question }) =>
    answer.rateLimit ? [{ limit: answer.rateLimit, account: question.account.name }] : [],
  );
  const low = limits.findLast(({ limit }) => isLow(limit));
  if (!low) return [];
  const { limit, remaining, windowSeconds, source } = low.limit;
  const window = windowSeconds === undefined ? '' : ` in ${duration(windowSeconds * 1000)}`;
  const whom = source === undefined ? '' : ` It counts ${source}.`;
  return [
    finding(
      'registry/rate-limit-low',
      `${inquiry.reference.registry} has ${limit === undefined ? remaining : `${remaining} of ${limit}`} pulls${window} left for ${low.account}.${whom}`,
    ),
  ];
}

function isLow({ limit, remaining }: RateLimit): boolean {
  return remaining !== undefined && (remaining === 0 || (limit !== undefined && remaining < limit * LOW_SHARE));
}
