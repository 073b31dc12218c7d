import type { ErrorCode } from '../../errors.ts';
import { matchesAny } from '../../text/pattern.ts';
import { guess, type Problem } from './problem.ts';
import type { FileConfig } from './schema.ts';

/** Something wrong between settings that are each fine. */
interface RelationProblem extends Problem {
  readonly code: ErrorCode;
}

/** What settings say that others make wrong, in what a schema cannot see: names of clusters above all. */
export function relationProblems(settings: FileConfig): readonly RelationProblem[] {
  const { clusters, access, channels, alerts, slack, remedies } = settings;
  const names = clusters.map(({ name }) => name);
  const eager = remedies.policy === undefined ? clusters.findIndex(({ executor }) => executor !== undefined) : -1;
  return [
    ...twice(names, ['clusters'], 'config/clusters', 'cluster'),
    ...unmatched(access.rules ?? [], ['access', 'rules'], 'config/access', names),
    ...unmatched(channels.routes, ['channels', 'routes'], 'config/channels', names),
    ...twice(
      alerts.sources.map(({ name }) => name),
      ['alerts', 'sources'],
      'config/alerts',
      'alert source',
    ),
    ...alerts.sources.flatMap(({ cluster, clusters: others }, at) => [
      ...unknown([cluster], names, () => ['alerts', 'sources', at, 'cluster'], 'config/alerts'),
      ...unknown(others, names, (index) => ['alerts', 'sources', at, 'clusters', index], 'config/alerts'),
    ]),
    ...slack.alertChannels.flatMap(({ cluster }, at) =>
      unknown(cluster === undefined ? [] : [cluster], names, () => ['slack', 'alertChannels', at, 'cluster'], 'config/slack'),
    ),
    ...(eager < 0
      ? []
      : [
          {
            code: 'config/remedies' as const,
            path: ['clusters', eager, 'executor'],
            says: 'is there, and remedies.policy names no approvals.yaml. Name one, or leave the executor out.',
          },
        ]),
  ];
}

function twice(names: readonly string[], list: readonly string[], code: ErrorCode, what: string): readonly RelationProblem[] {
  return names.flatMap((name, at) =>
    names.indexOf(name) < at
      ? [{ code, path: [...list, at, 'name'], says: `is ${name}, the name of another ${what} too. Give each its own.` }]
      : [],
  );
}

/** A pattern of clusters that fits none is a mistake: what it was meant for would not be done. */
function unmatched(
  entries: readonly { readonly clusters: readonly string[] }[],
  list: readonly string[],
  code: ErrorCode,
  names: readonly string[],
): readonly RelationProblem[] {
  return entries.flatMap(({ clusters }, at) =>
    clusters.flatMap((pattern, index) =>
      names.some((name) => matchesAny(name, [pattern])) ? [] : [absent(pattern, names, [...list, at, 'clusters', index], code)],
    ),
  );
}

function unknown(
  wanted: readonly string[],
  names: readonly string[],
  pathOf: (index: number) => readonly PropertyKey[],
  code: ErrorCode,
): readonly RelationProblem[] {
  return wanted.flatMap((name, index) => (names.includes(name) ? [] : [absent(name, names, pathOf(index), code)]));
}

function absent(name: string, names: readonly string[], path: readonly PropertyKey[], code: ErrorCode): RelationProblem {
  return { code, path, says: `names the cluster ${name}, which there is not.${guess(name, names)}` };
}
