import { type Account, ANONYMOUS } from '../../facts/credential.ts';
import { redact } from '../../facts/redaction.ts';
import type { ManifestAnswer } from '../../facts/registry-answer.ts';
import { byteWords, count, list, shortened } from '../../text/wording.ts';
import { observed } from '../evidence.ts';
import type { Finding, FindingCode } from '../finding.ts';
import { bestOutcome, judgeAccess, type Outcome, outcomeOf } from './access-table.ts';
import { type Asked, contentOf, type Inquiry, imageOf, manifestAnswers } from './manifest-inquiry.ts';
import { nearestTags } from './nearest-tags.ts';
import { memberFor, platformName, platformsOf } from './platform-match.ts';
import { limitFindings, sharedLimitFindings } from './rate-limit-findings.ts';
import { refusalWords } from './refusal-words.ts';
import { secretBehind } from './secret-behind.ts';

/** What the registry's answers about one image mean. */
export function registryFindings(given: Inquiry, container: string, now: Date): readonly Finding[] {
  const inquiry = settleMissing(given);
  const answers = manifestAnswers(inquiry);
  const anonymous = answers.find(({ account }) => account === ANONYMOUS)?.answer;
  if (!anonymous) return [];
  const evidence = [observed('registry', { from: given.from, at: now, text: transcript(given) })];
  const finding = (code: FindingCode, says: string): Finding => ({ code, says: redact(says), container, evidence });
  // A registry that refuses our address says nothing about the image.
  if (answers.some(({ answer }) => answer.status === 'forbidden' && answer.addressBlocked))
    return [finding('registry/address-blocked', sentence('registry/address-blocked', inquiry))];
  const shared = sharedLimitFindings(inquiry, finding);
  // Where the limit is the node's own, nothing has to be said of whether it is.
  const codes = judgeAccess(outcomeOf(anonymous, false), bestOutcome(loginOutcomes(inquiry))).filter(
    (code) => code !== 'registry/rate-limited' || shared.length === 0,
  );
  return [
    ...codes.map((code) => ({ ...finding(code, sentence(code, inquiry)), ...secretBehind(code, inquiry) })),
    ...tagFindings(inquiry, finding),
    ...contentFindings(inquiry, finding),
    ...blobFindings(inquiry, finding),
    ...shared,
    ...limitFindings(inquiry, finding),
  ];
}

/** What each login that the kubelet would send is worth; one that was not tried is open. */
function loginOutcomes(inquiry: Inquiry): readonly Outcome[] {
  const answers = new Map(manifestAnswers(inquiry).map(({ account, answer }) => [account, answer]));
  return inquiry.accounts.map((account) => {
    const answer = answers.get(account);
    return answer ? outcomeOf(answer, true) : 'not-asked';
  });
}

/** Makes a finding about the image that was asked for. */
export type MakeFinding = (code: FindingCode, says: string) => Finding;

/**
 * Some registries call a missing repository a missing tag, and many do not say which of both is missing; the list of tags
 * tells: a repository that lists tags exists.
 */
function settleMissing(inquiry: Inquiry): Inquiry {
  const tags = inquiry.asked.find((entry) => entry.question.kind === 'tags')?.answer;
  // Some registries list no tags for repositories that do not exist, and a repository whose tags were all deleted may hold the digest.
  const exists = tags?.status === 'found' && 'tags' in tags && tags.tags.length > 0;
  const absent = tags?.status === 'missing' && tags.what === 'repository' && inquiry.reference.digest === undefined;
  const what = exists ? 'tag' : absent ? 'repository' : undefined;
  if (what === undefined) return inquiry;
  const asked = inquiry.asked.map((entry): Asked => {
    const { question, answer } = entry;
    if (question.kind !== 'manifest' || answer.status !== 'missing' || (answer.what !== 'unknown' && what === 'repository')) return entry;
    return { question, answer: { ...answer, what } };
  });
  return { ...inquiry, asked };
}

/** Each request, with its account and its answer, in one line. */
function transcript(inquiry: Inquiry): string {
  return inquiry.asked
    .map(({ question, answer }) => `${questionWords(question)} ${accountWords(question.account)}: ${answerWords(answer)}`)
    .join('; ');
}

function accountWords(account: Account): string {
  return account === ANONYMOUS ? 'anonymously' : `as ${account.name}`;
}

function questionWords(question: Asked['question']): string {
  switch (question.kind) {
    case 'manifest':
      return `${question.how.toUpperCase()} manifest`;
    case 'member':
      return `GET manifest ${shortened(question.digest, 24)}`;
    case 'tags':
      return 'GET tags';
    case 'blob':
      return `HEAD blob ${shortened(question.digest, 24)}`;
    default:
      return question satisfies never;
  }
}

function answerWords(answer: Asked['answer']): string {
  return answer.status === 'found' ? '200' : refusalWords(answer);
}

function sentence(code: FindingCode, inquiry: Inquiry): string {
  const { reference } = inquiry;
  const { registry, repository } = reference;
  const version = reference.digest ?? reference.tag ?? 'latest';
  const part = reference.digest ? 'digest' : 'tag';
  const answers = manifestAnswers(inquiry).map((entry) => ({ ...entry, outcome: outcomeOf(entry.answer, entry.account !== ANONYMOUS) }));
  const anonymous = answers.find(({ account }) => account === ANONYMOUS);
  const logins = answers.filter(({ account }) => account !== ANONYMOUS);
  /** Who was answered so, and in which words the first of them. */
  const those = (...outcomes: readonly Outcome[]) => {
    const chosen = logins.filter(({ outcome }) => outcomes.includes(outcome));
    const first = chosen[0] ?? answers.find(({ outcome }) => outcomes.includes(outcome));
    const words = first && first.answer.status !== 'found' ? refusalWords(first.answer) : '';
    return { names: list(chosen.map(({ account }) => account.name)), words, answer: first?.answer };
  };
  switch (code) {
    case 'registry/exists':
      return `${registry} has ${reference.text}: it hands out the manifest to imagepull.`;
    case 'registry/public':
      return `${registry} hands out ${reference.text} anonymously: it is public.`;
    case 'registry/stale-credential-on-public': {
      const { names, words } = those('refused', 'hidden', 'forbidden');
      return `${registry} hands out the image anonymously, but rejects ${names} (${words}). The kubelet sends that login and makes no anonymous attempt.`;
    }
    case 'registry/credential-works': {
      const refused = anonymous && ['refused', 'hidden', 'forbidden'].includes(anonymous.outcome);
      return `${registry} accepts ${those('found').names}, the login that the kubelet sends, and hands out the image${refused ? '; anonymously it does not' : ''}.`;
    }
    case 'registry/login-needed':
      return `${registry} requires authentication for ${repository} (${anonymous && anonymous.answer.status !== 'found' ? refusalWords(anonymous.answer) : ''}). Whether the image exists is not proven by that.`;
    case 'registry/private-or-missing':
      return `${registry} answers alike for a repository that is private and for one that does not exist, so ${repository} may be either.`;
    case 'registry/credential-rejected': {
      const { names, words } = those('refused');
      return `${registry} rejects ${names} (${words}).`;
    }
    case 'registry/credential-forbidden': {
      const { names, words, answer } = those('forbidden', 'hidden');
      const byTokenServer = answer !== undefined && 'by' in answer && answer.by === 'token-server';
      if (byTokenServer) return `The token server of ${registry} gives ${names} no token for ${repository} (${words}).`;
      return `${registry} accepts ${names} and does not let it pull ${repository} (${words}).`;
    }
    case 'registry/tag-missing':
      return `${registry} has the repository ${repository} and no ${part} ${version} in it.`;
    case 'registry/repository-missing':
      return `${registry} knows no repository ${repository}.`;
    case 'registry/missing':
      return `${registry} answers 404 for ${reference.text} and does not say whether the repository or the ${part} is missing.`;
    case 'registry/anonymous-rate-limited':
      return `${registry} rate-limits anonymous pulls from where imagepull runs; with ${those('found').names} it hands out the image.`;
    case 'registry/rate-limited':
      return `${registry} limits imagepull as well (${those('rate-limited').words}). It counts by address or account, so the node's own limit may differ.`;
    case 'registry/failing':
      return `${registry} fails for imagepull as well: ${those('failing').words}.`;
    case 'registry/unusable-answer':
      return `What answers as ${registry} does not speak like a registry: ${those('unusable').words}.`;
    case 'registry/unreachable':
      return `imagepull itself cannot reach ${registry} (${those('unreachable').words}); that says nothing certain about the node.`;
    case 'registry/address-blocked': {
      const blocked = answers.find(({ answer }) => answer.status === 'forbidden' && answer.addressBlocked)?.answer;
      return `${registry} refuses the address that imagepull asks from, whoever asks (${blocked && blocked.status !== 'found' ? refusalWords(blocked) : '403'}). The node's address may be refused as well.`;
    }
    default:
      throw new Error(`no sentence for ${code}`);
  }
}

function tagFindings(inquiry: Inquiry, finding: MakeFinding): readonly Finding[] {
  const tags = inquiry.asked.find((entry) => entry.question.kind === 'tags')?.answer;
  const { tag, repository } = inquiry.reference;
  if (tags?.status !== 'found' || !('tags' in tags) || tag === undefined) return [];
  if (tags.tags.length === 0)
    return [finding('registry/similar-tags', `${repository} has no tags at all; nothing was pushed yet, or everything was deleted.`)];
  const near = nearestTags(tag, tags.tags);
  const held = `${repository} has ${count(tags.tags.length, 'tag')}${tags.complete ? '' : ' and more'}`;
  if (near.length === 0)
    return [
      finding(
        'registry/similar-tags',
        `${held}, none of them like ${tag}: ${list(
          tags.tags.map((name) => shortened(name, 40)),
          5,
        )}.`,
      ),
    ];
  const choices = near.map(({ tag: name, because }) => `${name} (${because})`).join(', ');
  return [finding('registry/similar-tags', `${held}. Nearest to ${tag}: ${choices}.`)];
}

function contentFindings(inquiry: Inquiry, finding: MakeFinding): readonly Finding[] {
  const content = contentOf(inquiry);
  const { platform, reference } = inquiry;
  switch (content?.kind) {
    case 'unsupported':
      return [finding('registry/unsupported-manifest', `${reference.text} is nothing a runtime can run: ${content.because}.`)];
    case 'image':
      return [finding('registry/image-size', sizeSentence(reference.text, content))];
    case 'index': {
      const offered = platformsOf(content.members);
      if (!platform) return [];
      const node = platformName(platform);
      if (!memberFor(platform, content.members))
        return [
          {
            ...finding('registry/platform-missing', `${reference.text} is built for ${offered || 'no platform'}, and the node is ${node}.`),
            names: { offered: offered || 'no platform', platform: node },
          },
        ];
      const member = inquiry.asked.find(({ question }) => question.kind === 'member')?.answer;
      if (member?.status === 'missing')
        return [
          finding('registry/platform-missing', `${reference.text} lists an image for ${node}, and ${reference.registry} does not have it.`),
        ];
      const size = imageOf(inquiry);
      return [
        finding('registry/platform-offered', `${reference.text} is built for ${offered}, which fits the node (${node}).`),
        ...(size ? [finding('registry/image-size', sizeSentence(`${reference.text} for ${node}`, size))] : []),
      ];
    }
    default:
      return [];
  }
}

/** How much has to be pulled, in compressed bytes; undefined when nobody could say. */
export function bytesToPull(inquiry: Inquiry): number | undefined {
  return imageOf(inquiry)?.bytes;
}

function sizeSentence(what: string, image: { readonly bytes: number; readonly layers: number }): string {
  return `${what} is ${byteWords(image.bytes)} to pull, compressed, in ${count(image.layers, 'layer')}.`;
}

function blobFindings(inquiry: Inquiry, finding: MakeFinding): readonly Finding[] {
  const blob = inquiry.asked.find(({ question }) => question.kind === 'blob');
  if (blob?.question.kind !== 'blob' || blob.answer.status !== 'missing') return [];
  const { registry, text } = inquiry.reference;
  return [finding('registry/blob-missing', `${registry} lists the layer ${blob.question.digest} in ${text} and does not have it.`)];
}

/** What stood in the way of an answer; undefined when the registry answered about the image as everybody it should. */
export function inquiryObstacle(inquiry: Inquiry): string | undefined {
  const { registry, text } = inquiry.reference;
  const answers = manifestAnswers(inquiry);
  const found = answers.some(({ account, answer }) => account !== ANONYMOUS && answer.status === 'found');
  const notAsked = answers.find(({ answer }) => answer.status === 'not-asked');
  if (notAsked?.answer.status === 'not-asked')
    return `${registry} was not asked for ${text} as ${notAsked.account.name}: ${notAsked.answer.because}.`;
  const tried = answers.filter(({ account }) => account !== ANONYMOUS).length;
  if (!found && tried < inquiry.accounts.length && answers.length > 0 && answers[0]?.answer.status !== 'unreachable')
    return `Of ${count(inquiry.accounts.length, 'login')} that the kubelet would send to ${registry}, ${tried} ${tried === 1 ? 'was' : 'were'} tried.`;
  const silent: readonly ManifestAnswer['status'][] = ['unreachable', 'unusable', 'rate-limited', 'failing'];
  const last = answers.at(-1)?.answer;
  if (answers.every(({ answer }) => silent.includes(answer.status)) && last && last.status !== 'found')
    return `${registry} gave no answer about ${text}: ${refusalWords(last)}.`;
  return undefined;
}
