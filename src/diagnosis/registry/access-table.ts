import type { ManifestAnswer } from '../../facts/registry-answer.ts';
import type { FindingCode } from '../finding.ts';

/** What one account was answered, as the truth table tells answers apart. */
export const OUTCOMES = [
  'found',
  /** 401, or for nobody 403: a login is wanted. */
  'refused',
  /** Refused by a registry that answers so for what does not exist as well. */
  'hidden',
  /** 403 to a login. */
  'forbidden',
  'tag-missing',
  'repository-missing',
  'missing',
  'rate-limited',
  'failing',
  'unusable',
  'unreachable',
  'not-asked',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** `none`: the kubelet has no login to send. */
export type CredentialOutcome = Outcome | 'none';

/** The outcome of an answer. A 403 to nobody only says that a login is wanted. */
export function outcomeOf(answer: ManifestAnswer, withLogin: boolean): Outcome {
  switch (answer.status) {
    case 'unauthorized':
      return answer.hidesMissing ? 'hidden' : 'refused';
    case 'forbidden':
      if (answer.hidesMissing) return 'hidden';
      return withLogin ? 'forbidden' : 'refused';
    case 'missing':
      return answer.what === 'unknown' ? 'missing' : `${answer.what}-missing`;
    case 'found':
    case 'rate-limited':
    case 'failing':
    case 'unusable':
    case 'unreachable':
    case 'not-asked':
      return answer.status;
    default:
      return answer satisfies never;
  }
}

/** One row: for which outcomes it holds, and what was found then. */
interface Row {
  readonly anonymous: readonly Outcome[] | 'any';
  readonly credential: readonly CredentialOutcome[] | 'any';
  readonly codes: readonly FindingCode[];
}

/** Outcomes that say nothing about the image. */
const SILENT = ['rate-limited', 'failing', 'unusable', 'unreachable', 'not-asked', 'none'] as const;

/**
 * The truth table of a registry's answers: asked anonymously, and with the login the kubelet would send. The first row that
 * holds wins.
 */
const ACCESS_TABLE: readonly Row[] = [
  // The kubelet makes no anonymous attempt once a login matches, so a bad login blocks what everybody may pull.
  {
    anonymous: ['found'],
    credential: ['refused', 'hidden', 'forbidden'],
    codes: ['registry/exists', 'registry/public', 'registry/stale-credential-on-public'],
  },
  { anonymous: ['found'], credential: 'any', codes: ['registry/exists', 'registry/public'] },
  {
    anonymous: ['rate-limited'],
    credential: ['found'],
    codes: ['registry/exists', 'registry/credential-works', 'registry/anonymous-rate-limited'],
  },
  { anonymous: 'any', credential: ['found'], codes: ['registry/exists', 'registry/credential-works'] },
  { anonymous: 'any', credential: ['tag-missing'], codes: ['registry/tag-missing'] },
  { anonymous: 'any', credential: ['repository-missing'], codes: ['registry/repository-missing'] },
  { anonymous: ['tag-missing'], credential: ['refused'], codes: ['registry/tag-missing', 'registry/credential-rejected'] },
  { anonymous: ['tag-missing'], credential: 'any', codes: ['registry/tag-missing'] },
  { anonymous: ['repository-missing'], credential: ['none', 'missing', ...SILENT], codes: ['registry/repository-missing'] },
  { anonymous: 'any', credential: ['refused'], codes: ['registry/credential-rejected'] },
  { anonymous: 'any', credential: ['hidden'], codes: ['registry/credential-forbidden', 'registry/private-or-missing'] },
  { anonymous: 'any', credential: ['forbidden'], codes: ['registry/credential-forbidden'] },
  { anonymous: 'any', credential: ['missing'], codes: ['registry/missing'] },
  // From here on no login got an answer about the image.
  { anonymous: ['missing'], credential: 'any', codes: ['registry/missing'] },
  { anonymous: ['refused', 'forbidden'], credential: ['none'], codes: ['registry/login-needed'] },
  { anonymous: ['hidden'], credential: ['none'], codes: ['registry/login-needed', 'registry/private-or-missing'] },
  { anonymous: 'any', credential: ['rate-limited'], codes: ['registry/rate-limited'] },
  { anonymous: 'any', credential: ['failing'], codes: ['registry/failing'] },
  { anonymous: 'any', credential: ['unusable'], codes: ['registry/unusable-answer'] },
  { anonymous: 'any', credential: ['unreachable'], codes: ['registry/unreachable'] },
  { anonymous: ['rate-limited'], credential: 'any', codes: ['registry/rate-limited'] },
  { anonymous: ['failing'], credential: 'any', codes: ['registry/failing'] },
  { anonymous: ['unusable'], credential: 'any', codes: ['registry/unusable-answer'] },
  { anonymous: ['unreachable'], credential: 'any', codes: ['registry/unreachable'] },
  { anonymous: ['not-asked'], credential: 'any', codes: [] },
];

/** What a pair of outcomes means. */
export function judgeAccess(anonymous: Outcome, credential: CredentialOutcome): readonly FindingCode[] {
  const holds = <T>(outcomes: readonly T[] | 'any', outcome: T) => outcomes === 'any' || outcomes.includes(outcome);
  return ACCESS_TABLE.find((row) => holds(row.anonymous, anonymous) && holds(row.credential, credential))?.codes ?? [];
}

/** Outcomes that leave open what a login is worth. */
const OPEN: readonly Outcome[] = ['rate-limited', 'failing', 'unusable', 'unreachable', 'not-asked'];

/**
 * The outcome that counts when the kubelet has several logins: it tries each, and the first that works wins. As long as one is
 * open the others do not prove that the pull is refused; else what tells most counts.
 */
export function bestOutcome(outcomes: readonly Outcome[]): CredentialOutcome {
  const undecided = outcomes.find((outcome) => OPEN.includes(outcome));
  const refusing: readonly Outcome[] = ['refused', 'hidden', 'forbidden'];
  if (undecided && !outcomes.some((outcome) => !OPEN.includes(outcome) && !refusing.includes(outcome))) return undecided;
  const order: readonly Outcome[] = [
    'found',
    'tag-missing',
    'repository-missing',
    'missing',
    'forbidden',
    'hidden',
    'refused',
    'rate-limited',
    'failing',
    'unusable',
    'unreachable',
    'not-asked',
  ];
  return order.find((outcome) => outcomes.includes(outcome)) ?? 'none';
}
