import type { ClusterReader } from '../cluster/cluster.ts';
import type { Target } from '../diagnosis/pod/target.ts';
import { type PullSecret, readPullSecret } from '../diagnosis/secret/pull-secret.ts';
import { list } from '../text/wording.ts';
import { attempt, type Reading } from './partial-reading.ts';

/** More pull secrets of one pod than this are not read. */
const MAX_SECRETS = 10;

/** The pull secrets of a pod as far as they could be read. */
export interface PodPullSecrets {
  readonly secrets: readonly PullSecret[];
  /** Names that no secret of the namespace has. */
  readonly missing: readonly string[];
  /** Why some could not be read, one sentence each. */
  readonly obstacles: readonly string[];
  readonly readings: readonly Reading<unknown>[];
}

/** Reads the secrets that are named, in their order, at the same time; whatever one of them answers is an answer. */
export async function readPullSecrets(
  given: { readonly cluster: ClusterReader; readonly target: Pick<Target, 'namespace'>; readonly signal: AbortSignal },
  named: readonly string[],
): Promise<PodPullSecrets> {
  const { cluster, target, signal } = given;
  const names = [...new Set(named)];
  const asked = names.slice(0, MAX_SECRETS);
  const read = await Promise.all(asked.map((name) => attempt(() => cluster.readSecret(target.namespace, name, signal))));
  const secrets = read.flatMap((reading) => (reading.status === 'read' ? [readPullSecret(reading.value)] : []));
  const refusals = read.flatMap((reading, at) =>
    reading.status === 'refused' && reading.code !== 'cluster/not-found' ? [{ name: asked[at] ?? '', because: reading.because }] : [],
  );
  return {
    readings: read,
    secrets,
    missing: asked.filter((_, at) => read[at]?.status === 'refused' && read[at].code === 'cluster/not-found'),
    obstacles: [
      ...refusalTexts(refusals),
      ...secrets.flatMap((secret) =>
        secret.status === 'too-large' ? [`The pull secret ${secret.name} was not looked at: ${secret.because}.`] : [],
      ),
      ...(names.length > MAX_SECRETS ? [`The pod names ${names.length} pull secrets; only the first ${MAX_SECRETS} were read.`] : []),
    ],
  };
}

/** One text for all secrets that are refused alike: a rule that allows one of them allows all. */
function refusalTexts(refusals: readonly { readonly name: string; readonly because: string }[]): readonly string[] {
  const alike = Map.groupBy(refusals, ({ name, because }) => because.replaceAll(`"${name}"`, '""'));
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (!first || others.length === 0) return first ? [first.because] : [];
    const [said, ...rule] = first.because.split('\n');
    const names = list(others.map(({ name }) => `"${name}"`));
    return [[`${said}. The same goes for ${names}.`, ...rule].join('\n')];
  });
}
