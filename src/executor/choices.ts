import { nearestTags } from '../diagnosis/registry/nearest-tags.ts';
import { lookUp } from '../diagnosis/secret/keyring.ts';
import { ANONYMOUS } from '../facts/credential.ts';
import { parseImageReference } from '../facts/image-reference.ts';
import { nextPullSecrets } from '../remedies/next-pull-secrets.ts';
import { podFields, pullSecretsIn, workloadFields } from '../remedies/object-shape.ts';
import type { Choice } from '../remedies/offers.ts';
import { repositoryOf } from '../remedies/set-image.ts';
import { TEMPLATE_KINDS } from '../remedies/workload.ts';
import { readPullSecrets } from '../steps/pull-secrets-of-pod.ts';
import type { ExecutorCluster } from './executor-parts.ts';
import { provePull } from './prove-pull.ts';

/** Something that somebody may choose: proven to be pullable by the pods that would use it. */
export type Chosen = { readonly tag: string; readonly digest: string; readonly because: string } | { readonly secret: string };

/** For the list of tags and the secrets. */
const LIMIT_MS = 8_000;
/** So many are proven at most. */
const MAX_PROVEN = 5;

/** What can be chosen for an offer; empty where nothing is proven. Throws what the cluster throws. */
export async function choicesFor(choice: Choice, cluster: ExecutorCluster): Promise<readonly Chosen[]> {
  const { workload } = choice;
  const kind = TEMPLATE_KINDS.find((one) => one === workload.kind);
  if (kind === undefined) return [];
  const { namespace } = workload;
  const { writer } = cluster;
  const { spec } = workloadFields(await writer.read({ kind, namespace, name: workload.name }));
  const pods = await writer.list({ kind: 'Pod', namespace });
  const pullSecrets = await nextPullSecrets(spec.template.spec, { namespace, objects: writer });
  const node = pods.map((pod) => podFields(pod).spec.nodeName).find((name) => name !== undefined);
  const question = { namespace, pullSecrets, node };
  if (choice.choose === 'tag') return tagsFor(choice.image, question, cluster);
  const named = new Set(pods.flatMap((pod) => pullSecretsIn(podFields(pod).spec)));
  const others = [...named].filter((secret) => !pullSecrets.includes(secret)).slice(0, MAX_PROVEN);
  const proven = await Promise.all(
    others.map(async (secret) => {
      const proof = await provePull({ ...question, image: choice.image, pullSecrets: [...pullSecrets, secret] }, cluster);
      return proof.status === 'pullable' ? [{ secret }] : [];
    }),
  );
  return proven.flat();
}

/** Tags of the very repository, the nearest to the one that is missing first. */
async function tagsFor(
  image: string,
  question: { readonly namespace: string; readonly pullSecrets: readonly string[]; readonly node: string | undefined },
  cluster: ExecutorCluster,
): Promise<readonly Chosen[]> {
  const parsed = parseImageReference(image);
  if (parsed.status === 'invalid') return [];
  const { reference } = parsed;
  const signal = AbortSignal.timeout(LIMIT_MS);
  const { sources, mayReadSecrets } = cluster;
  const { secrets } = mayReadSecrets
    ? await readPullSecrets({ cluster: sources.cluster, target: question, signal }, question.pullSecrets)
    : { secrets: [] };
  const [login] = lookUp(image, secrets).matches.filter(({ hasLogin }) => hasLogin);
  const account =
    login === undefined ? ANONYMOUS : { name: `the login in secret ${login.secret}`, credential: login.credential, secret: login.secret };
  const answer = await sources.registry.listTags({ reference, account, mostPages: 1 }, signal);
  if (answer.status !== 'found') return [];
  const near = nearestTags(reference.tag ?? '', answer.tags).slice(0, MAX_PROVEN);
  const repository = repositoryOf(image);
  const proven = await Promise.all(
    near.map(async ({ tag, because }) => {
      const proof = await provePull({ ...question, image: `${repository}:${tag}` }, cluster);
      return proof.status === 'pullable' && proof.digest !== undefined ? [{ tag, digest: proof.digest, because }] : [];
    }),
  );
  return proven.flat();
}
