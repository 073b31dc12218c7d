import type { Account } from '../diagnosis/credential.ts';
import type { Finding } from '../diagnosis/finding.ts';
import type { ImageSize } from '../diagnosis/image-fit.ts';
import { parseImageReference } from '../diagnosis/image-reference.ts';
import { lookUp } from '../diagnosis/keyring.ts';
import { type Asked, type Inquiry, nextQuestion, type Question } from '../diagnosis/manifest-inquiry.ts';
import type { PullSecret } from '../diagnosis/pull-secret.ts';
import type { Platform } from '../diagnosis/registry-answer.ts';
import { bytesToPull, inquiryObstacle, registryFindings } from '../diagnosis/registry-findings.ts';
import type { StepResult } from '../diagnosis/step-result.ts';
import { asCodedError } from '../errors.ts';
import { imagesInQuestion, type QuestionedImage } from './images-in-question.ts';
import { readPullSecrets } from './pull-secrets-of-pod.ts';
import type { ProbeContext } from './step.ts';

/** More different images of one pod are not asked about. */
const MOST_IMAGES = 5;
/** For one image, so that a registry that hangs delays nothing else. */
const IMAGE_TIMEOUT_MS = 25_000;

/**
 * Asks the registry of each failing image for it: as nobody, then with each login that the kubelet would send. At most six
 * requests per image; what could not be asked is a shortfall.
 */
export async function resolveManifest(context: ProbeContext): Promise<StepResult> {
  const images = imagesInQuestion(context);
  const distinct = [...Map.groupBy(images, (image) => image.image).values()].slice(0, MOST_IMAGES);
  if (distinct.length === 0) return { findings: [] };
  const [logins, platform] = await Promise.all([loginsOf(context), platformOf(context)]);
  const results = await Promise.all(distinct.map((same) => askAbout(context, same, { logins: logins.secrets, platform })));
  const obstacles = [...logins.obstacles, ...results.flatMap((result) => result.obstacle ?? [])];
  return {
    findings: results.flatMap((result) => result.findings),
    sizes: results.flatMap((result) => result.sizes),
    ...(obstacles.length > 0 ? { shortfall: [...new Set(obstacles)].join('\n') } : {}),
  };
}

async function loginsOf(
  context: ProbeContext,
): Promise<{ readonly secrets: readonly PullSecret[]; readonly obstacles: readonly string[] }> {
  if (!context.mayReadSecrets)
    return context.target.pullSecrets.length === 0
      ? { secrets: [], obstacles: [] }
      : { secrets: [], obstacles: ['Registries were asked without a login only, because --no-secrets was given.'] };
  const { secrets, obstacles } = await readPullSecrets(context, context.target.pullSecrets);
  return { secrets, obstacles };
}

/** Without the right to read the node its platform is not guessed. */
async function platformOf({ cluster, target, signal }: ProbeContext): Promise<Platform | undefined> {
  if (target.node === undefined) return undefined;
  try {
    const { nodeInfo } = (await cluster.readNode(target.node, signal)).status;
    const { operatingSystem: os, architecture } = nodeInfo ?? {};
    return os && architecture ? { os, architecture } : undefined;
  } catch (cause) {
    // The step that reads the node tells why it cannot be read.
    if (/^(?:cluster|recording)\//.test(asCodedError(cause).code)) return undefined;
    throw cause;
  }
}

interface ImageResult {
  readonly findings: readonly Finding[];
  readonly sizes: readonly ImageSize[];
  readonly obstacle?: string;
}

async function askAbout(
  context: ProbeContext,
  same: readonly QuestionedImage[],
  known: { readonly logins: readonly PullSecret[]; readonly platform: Platform | undefined },
): Promise<ImageResult> {
  const [first] = same;
  const parsed = parseImageReference(first?.image ?? '');
  // The reference is judged elsewhere; there is nobody to ask about a broken one.
  if (!first || parsed.status === 'invalid') return { findings: [], sizes: [] };
  const { reference } = parsed;
  // The node pulls the sandbox's image itself, with no pull secret.
  const secrets = first.kind === 'pod sandbox' ? [] : known.logins;
  const symptoms = context.failures.flatMap((failure) => (failure.container === first.container ? failure.error.symptom : []));
  const start: Inquiry = {
    reference,
    accounts: accountsFor(first.image, secrets),
    platform: known.platform,
    blob: symptoms.includes('layer-corrupt') ? blobNamed(context, first.container) : undefined,
    getIsMetered: reference.registry === 'docker.io',
    wantsContent: symptoms.includes('platform-mismatch') || symptoms.includes('unsupported-manifest'),
    greeted: 0,
    asked: [],
  };
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(IMAGE_TIMEOUT_MS)]);
  try {
    const inquiry = await inquire(context, start, signal);
    const obstacle = inquiryObstacle(inquiry);
    const bytes = bytesToPull(inquiry);
    return {
      sizes: bytes === undefined ? [] : same.map(({ container, image }) => ({ container, image, bytes })),
      findings: same.flatMap(({ container }) => registryFindings(inquiry, container, context.now)),
      ...(obstacle === undefined ? {} : { obstacle }),
    };
  } catch (cause) {
    const error = asCodedError(cause);
    if (error.code === 'recording/absent') return { findings: [], sizes: [], obstacle: error.message };
    if (signal.aborted)
      return { findings: [], sizes: [], obstacle: `${reference.registry} gave no answer about ${reference.text} in time.` };
    throw cause;
  }
}

async function inquire(context: ProbeContext, start: Inquiry, signal: AbortSignal): Promise<Inquiry> {
  const greeting = await context.registry.ping(start.reference.registry, signal);
  let inquiry: Inquiry = { ...start, greeted: greeting.requests };
  for (;;) {
    const question = nextQuestion(inquiry);
    if (!question) return inquiry;
    inquiry = { ...inquiry, asked: [...inquiry.asked, await put(context, inquiry, question, signal)] };
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
    }));
}

/** The digest that the runtime's message names beside the image's own. */
function blobNamed(context: ProbeContext, container: string): string | undefined {
  const failure = context.failures.find((candidate) => candidate.container === container);
  const digests = [...(failure?.message ?? '').slice(0, 20_000).matchAll(/(?<!@)\bsha256:[0-9a-f]{64}\b/g)].map((match) => match[0]);
  return digests[0];
}
