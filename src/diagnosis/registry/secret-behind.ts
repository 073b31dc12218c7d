import { type Account, ANONYMOUS } from '../../facts/credential.ts';
import { type Finding, type FindingCode, nameThatAllGive } from '../finding.ts';
import { type Outcome, outcomeOf } from './access-table.ts';
import { type Inquiry, manifestAnswers } from './manifest-inquiry.ts';

/** Which answers to a login a finding is about. */
const LOGINS_BEHIND: Readonly<Partial<Record<FindingCode, readonly Outcome[]>>> = {
  'registry/stale-credential-on-public': ['refused', 'hidden', 'forbidden'],
  'registry/credential-works': ['found'],
  'registry/credential-rejected': ['refused'],
  'registry/credential-forbidden': ['forbidden', 'hidden'],
};

/** The pull secret that holds every login a finding of the registry is about; none where they come from several. */
export function secretBehind(code: FindingCode, inquiry: Inquiry): Pick<Finding, 'names'> {
  const secret = nameThatAllGive(accountsAnswered(inquiry, LOGINS_BEHIND[code] ?? []).map((account) => account.secret));
  return secret === undefined ? {} : { names: { secret } };
}

function accountsAnswered(inquiry: Inquiry, outcomes: readonly Outcome[]): readonly Account[] {
  return manifestAnswers(inquiry)
    .filter(({ account, answer }) => account !== ANONYMOUS && outcomes.includes(outcomeOf(answer, true)))
    .map(({ account }) => account);
}
