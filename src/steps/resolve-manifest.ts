import type { Finding } from '../diagnosis/finding.ts';
import type { ImageSize } from '../diagnosis/registry/image-fit.ts';
import { type Asked, type Inquiry, nextQuestion, type Question } from '../diagnosis/registry/manifest-inquiry.ts';
import { bytesToPull, inquiryObstacle, registryFindings } from '../diagnosis/registry/registry-findings.ts';
import { lookUp } from '../diagnosis/secret/keyring.ts';
import type { PullSecret } from '../diagnosis/secret/pull-secret.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError } from '../errors.ts';
import type { Account } from '../facts/credential.ts';
import { isDockerHub } from '../facts/docker-hub.ts';
import { parseImageReference } from '../facts/image-reference.ts';
import type { Platform } from '../facts/registry-answer.ts';
import { imagesInQuestion, type QuestionedImage } from './images-in-question.ts';
import { attempt } from './partial-reading.ts';
import { readPullSecrets } from './pull-secrets-of-pod.ts';
import type { ProbeContext } from './step.ts';

/** More different images of one pod are not asked about. */
const MAX_IMAGES = 5;
/** For everything, a little less than the step itself has, so that what was learnt is not lost with it. */
const STEP_MS = 26_000;
/** For secrets and node, without which the registry can still be asked anonymously. */
const CLUSTER_MS = 8_000;

/**
 * Asks the registry of each failing image for it: anonymously, then with each login that the kubelet would send. At most six
 * requests per image, redirects aside; what could not be asked is a shortfall.
 */
export async function resolveManifest(given: ProbeContext): Promise<StepResult> {
  const context = { ...given, signal: AbortSignal.any([given.signal, AbortSignal.timeout(STEP_MS)]) };
  const images = imagesInQuestion(context);
  const distinct = [...Map.groupBy(images, (image) => image.image).values()];
  if (distinct.length === 0) return { findings: [] };
  const [logins, node] = await Promise.all([loginsOf(context), nodeOf(context)]);
  const results = await Promise.all(
    distinct.slice(0, MAX_IMAGES).map((same) => askAbout(context, same, { ...node, logins: logins.secrets })),
  );
  const more = distinct.length - results.length;
  const obstacles = [
    ...logins.obstacles,
    ...results.flatMap((result) => result.obstacle ?? []),
    ...(more > 0 ? [`${more} further images of this pod were not asked for.`] : []),
  ];
  return {
    findings: results.flatMap((result) => result.findings),
    sizes: results.flatMap((result) => result.sizes),
    ...(obstacles.length > 0 ? { shortfall: [...new Set(obstacles)].join('\n') } : {}),
  };
}

async function loginsOf(
  context: ProbeContext,
): Promise<{ readonly secrets: readonly PullSecret[]; readonly obstacles: readonly string[] }> {
  const { target, mayReadSecrets } = context;
  if (target.pullSecrets.length === 0) return { secrets: [], obstacles: [] };
  if (!mayReadSecrets) return { secrets: [], obstacles: ['Registries were asked anonymously only, because secrets are not to be read.'] };
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(CLUSTER_MS)]);
  return readPullSecrets({ ...context, signal }, target.pullSecrets);
}

/** What a registry's answers are compared with. */
interface NodeFacts {
  readonly platform?: Platform;
  readonly addresses: readonly string[];
}

/** Without the right to read the node its platform is not guessed; the step that reads the node tells why it cannot be read. */
async function nodeOf({ cluster, target, signal }: ProbeContext): Promise<NodeFacts> {
  const { node: name } = target;
  if (name === undefined) return { addresses: [] };
  const read = await attempt(() => cluster.readNode(name, AbortSignal.any([signal, AbortSignal.timeout(CLUSTER_MS)])));
  if (read.status !== 'read') return { addresses: [] };
  const { nodeInfo, addresses } = read.value.status;
  const { operatingSystem: os, architecture } = nodeInfo ?? {};
  return {
    addresses: (addresses ?? []).filter(({ type }) => type.endsWith('IP')).map(({ address }) => address),
    ...(os && architecture ? { platform: { os, architecture } } : {}),
  };
}

interface ImageResult {
  readonly findings: readonly Finding[];
  readonly sizes: readonly ImageSize[];
  readonly obstacle?: string;
}

async function askAbout(
  context: ProbeContext,
  same: readonly QuestionedImage[],
  known: NodeFacts & { readonly logins: readonly PullSecret[] },
): Promise<ImageResult> {
  const [first] = same;
  const parsed = parseImageReference(first?.image ?? '');
  // The reference is judged elsewhere; there is nobody to ask about a broken one.
  if (!first || parsed.status === 'invalid') return { findings: [], sizes: [] };
  const { reference } = parsed;
  // The node pulls the sandbox's image itself, with no pull secret.
  const secrets = first.kind === 'pod sandbox' ? [] : known.logins;
  const failures = context.failures.filter((failure) => same.some(({ container }) => container === failure.container));
  const symptoms = new Set(failures.map((failure) => failure.error.symptom));
  const start: Inquiry = {
    reference,
    accounts: accountsFor(first.image, secrets),
    platform: known.platform,
    blobs: symptoms.has('layer-corrupt') ? digestsIn(failures.map((failure) => failure.message)) : [],
    nodeAddresses: [...known.addresses, ...addressesIn(failures.map((failure) => failure.message))],
    // Docker Hub counts each GET of a manifest as a pull.
    getIsMetered: isDockerHub(reference.registry),
    wantsContent: symptoms.has('platform-mismatch') || symptoms.has('unsupported-manifest') || symptoms.has('layer-corrupt'),
    greeted: 0,
    demandKnown: false,
    from: context.vantage,
    asked: [],
  };
  const { inquiry, stopped } = await inquire(context, start);
  const obstacle = stopped ?? inquiryObstacle(inquiry);
  const bytes = bytesToPull(inquiry);
  return {
    findings: same.flatMap(({ container }) => registryFindings(inquiry, container, context.now)),
    sizes: bytes === undefined ? [] : same.map(({ container, image }) => ({ container, image, bytes })),
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

/** Asks until nothing is left to ask; what stops it early leaves the answers so far. */
async function inquire(context: ProbeContext, start: Inquiry): Promise<{ readonly inquiry: Inquiry; readonly stopped?: string }> {
  const { registry, signal } = context;
  let inquiry = start;
  try {
    const greeting = await registry.ping(start.reference.registry, signal);
    const demandKnown = greeting.status === 'answers' && greeting.challenge !== undefined;
    inquiry = { ...start, greeted: greeting.requests, demandKnown };
    for (let question = nextQuestion(inquiry); question; question = nextQuestion(inquiry))
      inquiry = { ...inquiry, asked: [...inquiry.asked, await put(context, inquiry, question, signal)] };
    return { inquiry };
  } catch (cause) {
    const error = asCodedError(cause);
    if (error.code === 'recording/absent') return { inquiry, stopped: error.message };
    const { registry: host, text } = start.reference;
    const what = inquiry.asked.length > 0 ? 'did not answer all questions' : 'gave no answer';
    if (signal.aborted) return { inquiry, stopped: `${host} ${what} about ${text} in time.` };
    throw cause;
  }
}

async function put({ registry }: ProbeContext, { reference }: Inquiry, question: Question, signal: AbortSignal): Promise<Asked> {
  const { account } = question;
  switch (question.kind) {
    case 'manifest':
      return { question, answer: await registry.askManifest({ reference, account, how: question.how }, signal) };
    case 'member':
      return { question, answer: await registry.askManifest({ reference, account, how: 'get', digest: question.digest }, signal) };
    case 'tags':
      return { question, answer: await registry.listTags({ reference, account, mostPages: 1 }, signal) };
    case 'blob':
      return { question, answer: await registry.askBlob({ reference, account, digest: question.digest }, signal) };
    default:
      return question satisfies never;
  }
}

/** The logins that the kubelet would send, named so that people and recordings can tell them apart. */
function accountsFor(image: string, secrets: readonly PullSecret[]): readonly Account[] {
  return lookUp(image, secrets)
    .matches.filter((match) => match.hasLogin)
    .map(({ secret, key, username, credential }) => ({
      name: `the login of ${username || 'nobody'} in secret ${secret} (${key})`,
      credential,
      secret,
    }));
}

/** Every digest that the messages name; which of them are layers only the manifest tells. */
function digestsIn(messages: readonly string[]): readonly string[] {
  const found = messages.flatMap((message) => [...message.slice(0, 20_000).matchAll(/\bsha256:[0-9a-f]{64}\b/g)].map((match) => match[0]));
  return [...new Set(found)];
}

/** Addresses that a registry named as the asker's; those of a connection (`dial tcp 192.0.2.7:443`) have a port. */
function addressesIn(messages: readonly string[]): readonly string[] {
  return messages.flatMap((message) => [...message.slice(0, 20_000).matchAll(ASKER)].map((match) => match[1] ?? ''));
}

const ASKER =
  /\b(?:ip|address|client|source|from)[ '":=]{1,4}((?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-f]{1,4}(?::[0-9a-f]{0,4}){2,7})(?![0-9.:]{0,3}[0-9])/gi;
