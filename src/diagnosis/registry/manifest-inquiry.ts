import { type Account, ANONYMOUS } from '../../facts/credential.ts';
import type { ImageReference } from '../../facts/image-reference.ts';
import type { BlobAnswer, ManifestAnswer, ManifestContent, Platform, TagsAnswer } from '../../facts/registry-answer.ts';
import type { NetworkVantage } from '../evidence.ts';
import { memberFor } from './platform-match.ts';

/** Most requests to a registry about one image, its greeting and tokens included. */
const MAX_REQUESTS = 6;
/** More logins than this are not tried; the kubelet would. */
const MAX_ACCOUNTS = 2;

/** A question for the registry. */
export type Question =
  | { readonly kind: 'manifest'; readonly account: Account; readonly how: 'head' | 'get' }
  | { readonly kind: 'member'; readonly account: Account; readonly digest: string }
  | { readonly kind: 'tags'; readonly account: Account }
  | { readonly kind: 'blob'; readonly account: Account; readonly digest: string };

/** A question with its answer. */
export type Asked =
  | { readonly question: Extract<Question, { kind: 'manifest' | 'member' }>; readonly answer: ManifestAnswer }
  | { readonly question: Extract<Question, { kind: 'tags' }>; readonly answer: TagsAnswer }
  | { readonly question: Extract<Question, { kind: 'blob' }>; readonly answer: BlobAnswer };

/** What is asked about one image and what is known so far. */
export interface Inquiry {
  readonly reference: ImageReference;
  /** The logins the kubelet would send, in its order. */
  readonly accounts: readonly Account[];
  /** The node's platform, if it is known. */
  readonly platform?: Platform | undefined;
  /** Digests that the runtime's message names; those that are layers of the image are asked for. */
  readonly blobs: readonly string[];
  /** Addresses by which a registry may know the node: its own, and those that the runtime's message names. */
  readonly nodeAddresses: readonly string[];
  /** GET counts against a quota, so content is read only where the symptom is about it. */
  readonly getIsMetered: boolean;
  readonly wantsContent: boolean;
  /** What the greeting cost, and whether it already said what is demanded. */
  readonly greeted: number;
  readonly demandKnown: boolean;
  /** Where the registry is asked from. */
  readonly from: NetworkVantage;
  readonly asked: readonly Asked[];
}

/** Requests spent so far. */
function spent(inquiry: Inquiry): number {
  return inquiry.asked.reduce((sum, { answer }) => sum + answer.requests, inquiry.greeted);
}

/** The most telling question that the budget still allows; undefined when nothing is left to ask. */
export function nextQuestion(inquiry: Inquiry): Question | undefined {
  const question = wantedQuestion(inquiry);
  return question && spent(inquiry) + worstCase(question, inquiry) <= MAX_REQUESTS ? question : undefined;
}

/** A new account may need a token first, and if the greeting demanded nothing, a question to learn that; one that was asked for has it. */
function worstCase(question: Question, inquiry: Inquiry): number {
  if (inquiry.asked.some((asked) => asked.question.account === question.account)) return 1;
  return inquiry.demandKnown || question.account === ANONYMOUS ? 2 : 3;
}

function wantedQuestion(inquiry: Inquiry): Question | undefined {
  const anonymous = manifestAnswers(inquiry).find(({ account }) => account === ANONYMOUS);
  if (!anonymous) return { kind: 'manifest', account: ANONYMOUS, how: 'head' };
  // Where nobody answers, nothing more is learnt by asking on.
  if (isDead(anonymous.answer)) return undefined;
  return nextAccount(inquiry) ?? details(inquiry);
}

function isDead({ status }: ManifestAnswer): boolean {
  return status === 'unreachable' || status === 'not-asked';
}

/** The kubelet tries its logins in order until one works. */
function nextAccount(inquiry: Inquiry): Question | undefined {
  const tried = manifestAnswers(inquiry).filter(({ account }) => account !== ANONYMOUS);
  if (tried.some(({ answer }) => answer.status === 'found')) return undefined;
  const account = inquiry.accounts.slice(0, MAX_ACCOUNTS).find((candidate) => !tried.some((entry) => entry.account === candidate));
  return account && { kind: 'manifest', account, how: inquiry.getIsMetered ? 'head' : 'get' };
}

function details(inquiry: Inquiry): Question | undefined {
  const answers = manifestAnswers(inquiry);
  const found = answers.findLast(({ answer }) => answer.status === 'found');
  if (found) return aboutFound(inquiry, found.account);
  const missing = answers.findLast(({ answer }) => answer.status === 'missing');
  if (missing) {
    if (!has(inquiry, 'tags')) return { kind: 'tags', account: missing.account };
    // Where the tags may not be listed, the body of the error may say what is missing.
    const told = inquiry.asked.some(({ question, answer }) => question.kind === 'tags' && answer.status === 'found');
    return told || hasGot(inquiry, missing.account) ? undefined : { kind: 'manifest', account: missing.account, how: 'get' };
  }
  // The text of a refusal may name a blocked address or a missing right; the head of one has none.
  const [only, ...others] = answers;
  const { answer } = only ?? {};
  const silent =
    (answer?.status === 'forbidden' && answer.message === undefined) || (answer?.status === 'failing' && answer.httpStatus === 405);
  return only && others.length === 0 && silent && !hasGot(inquiry, only.account)
    ? { kind: 'manifest', account: only.account, how: 'get' }
    : undefined;
}

/** What must be pulled and for which platforms, then a layer that the message names. */
function aboutFound(inquiry: Inquiry, account: Account): Question | undefined {
  const content = contentOf(inquiry);
  if (!content) {
    const mayGet = !inquiry.getIsMetered || inquiry.wantsContent;
    const tried = inquiry.asked.some(
      ({ question }) => question.kind === 'manifest' && question.account === account && question.how === 'get',
    );
    return mayGet && !tried ? { kind: 'manifest', account, how: 'get' } : undefined;
  }
  if (content.kind === 'index' && inquiry.platform && !has(inquiry, 'member') && (!inquiry.getIsMetered || inquiry.wantsContent)) {
    const member = memberFor(inquiry.platform, content.members);
    return member && { kind: 'member', account, digest: member.digest };
  }
  const image = imageOf(inquiry);
  const blob = has(inquiry, 'blob') ? undefined : inquiry.blobs.find((digest) => image?.digests.includes(digest));
  return blob === undefined ? undefined : { kind: 'blob', account, digest: blob };
}

function hasGot(inquiry: Inquiry, account: Account): boolean {
  return inquiry.asked.some(({ question }) => question.kind === 'manifest' && question.account === account && question.how === 'get');
}

/** The image that the node would pull: the manifest itself, or the member of the index for its platform. */
export function imageOf(inquiry: Inquiry): Extract<ManifestContent, { kind: 'image' }> | undefined {
  const content = contentOf(inquiry);
  if (content?.kind === 'image') return content;
  const member = inquiry.asked.find(({ question }) => question.kind === 'member')?.answer;
  return member?.status === 'found' && 'content' in member && member.content.kind === 'image' ? member.content : undefined;
}

function has(inquiry: Inquiry, kind: Question['kind']): boolean {
  return inquiry.asked.some(({ question }) => question.kind === kind);
}

/** What the wanted manifest holds, once somebody was given its content. */
export function contentOf(inquiry: Inquiry) {
  for (const { question, answer } of inquiry.asked) {
    if (question.kind === 'manifest' && answer.status === 'found' && 'content' in answer && answer.content.kind !== 'opaque')
      return answer.content;
  }
  return undefined;
}

/** The last answer that each account got to the question for the manifest, in the order in which they were asked. */
export function manifestAnswers(inquiry: Inquiry): readonly { readonly account: Account; readonly answer: ManifestAnswer }[] {
  const last = new Map<Account, ManifestAnswer>();
  for (const entry of inquiry.asked)
    if (entry.question.kind === 'manifest') last.set(entry.question.account, entry.answer as ManifestAnswer);
  return [...last].map(([account, answer]) => ({ account, answer }));
}
