import { readConfig } from '../../src/app/config.ts';
import { neededRights, type Place } from '../../src/app/doctor/needed-rights.ts';
import { rightWords } from '../../src/doctor/rights.ts';
import { find, type RenderedObject, rightsOf } from './rendered.ts';

/** Where a role of the bot starts, as the chart renders it: the configuration that the bot reads out of it. */
export function configOf(objects: readonly RenderedObject[], deployment: string): ReturnType<typeof readConfig> {
  const text = find(objects, 'ConfigMap', deployment).data?.['config.yaml'] ?? '';
  const [{ env = [], args = [] } = {}] = find(objects, 'Deployment', deployment).spec?.template?.spec.containers ?? [];
  return readConfig({
    file: { name: deployment, text: withPolicyHere(text) },
    environment: Object.fromEntries(env.map(({ name: variable }) => [variable, SAMPLES[variable] ?? 'set'])),
    roles: args[args.indexOf('--roles') + 1],
    clusters: args[args.indexOf('--clusters') + 1],
  });
}

/** What the account of a Deployment needs, and what the chart gives it; each right on a line of its own: `get pods`, `shop: get pods`. */
interface Rights {
  readonly account: string;
  readonly needed: readonly string[];
  readonly given: readonly string[];
}

/**
 * The rights of each account. Those to act in somebody's name are left out: they are for the people of the values, whom the bot hears of one by one.
 * Where there are Roles alone, what is needed of the whole cluster is not given, and the bot does without.
 */
export function rightsIn(objects: readonly RenderedObject[], own = 'imagepull'): readonly Rights[] {
  const isNarrow = objects.some(({ kind }) => kind === 'Role') && !objects.some(({ kind }) => kind === 'ClusterRole');
  return objects
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata: { name: account } }) => {
      const config = configOf(objects, account);
      const needed = config.clusters
        .filter(({ name }) => config.workFor.includes(name))
        .flatMap((cluster) => neededRights(cluster, config))
        .flatMap(({ need, places }) => places.flatMap((place) => need.rights.map((right) => ({ place, right }))))
        .filter(({ place }) => !isNarrow || place.kind !== 'cluster')
        .map(({ place, right }) => `${inPlace(place, own)}${rightWords(right)}`);
      const { wide, narrow } = rightsOf(objects, account);
      const given = [...wide, ...narrow].filter((right) => !right.startsWith('impersonate '));
      return { account, needed: withoutNarrower(needed), given: sorted(given) };
    });
}

/** Who may something everywhere need not be given it in a namespace. */
function withoutNarrower(lines: readonly string[]): readonly string[] {
  return sorted(lines.filter((line) => !(line.startsWith('default: ') && lines.includes(line.slice('default: '.length)))));
}

const inPlace = (place: Place, own: string): string => (place.kind === 'cluster' ? '' : `${place.kind === 'own' ? own : place.name}: `);

const sorted = (lines: readonly string[]): readonly string[] => [...new Set(lines)].sort();

const SAMPLES: Readonly<Record<string, string>> = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  REDIS_URL: 'redis://:secret@valkey:6379',
};

/** The files of a pod are not here. */
const withPolicyHere = (text: string): string => text.replace('/etc/imagepull/remedies/approvals.yaml', 'runbooks/approvals.yaml');
