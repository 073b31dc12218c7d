import type { Audience, Incident } from '../incident/incident.ts';
import { matchesAny } from '../text/pattern.ts';
import { shortened } from '../text/wording.ts';
import type { Refusal } from './intake.ts';
import type { People, Person } from './people.ts';

/** Who may ask about what: a rule allows it to whom all of its parts fit. `*` stands for any characters. */
export interface AccessRule {
  readonly clusters: readonly string[];
  readonly namespaces: readonly string[];
  /** Ids of channels in which it holds; absent means all that the bot was invited to. */
  readonly channels?: readonly string[] | undefined;
  /** Ids of user groups; absent means every member of the workspace. */
  readonly groups?: readonly string[] | undefined;
}

/** A cluster and the namespaces of it that imagepull may read at all. `deny` wins. */
export interface ClusterAccess {
  readonly name: string;
  readonly namespaces: { readonly allow?: readonly string[] | undefined; readonly deny: readonly string[] };
}

/** What somebody may ask and see at one moment. */
export interface Rights {
  /** Why somebody may not ask about a namespace, or about a whole cluster; undefined where they may. */
  refusal(cluster: string, namespace: string | undefined): Refusal | undefined;
  /** Patterns of the namespaces that they may ask about; undefined means all that the cluster's own setting allows. */
  namespaces(cluster: string): readonly string[] | undefined;
  maySee(incident: Pick<Incident, 'audience' | 'cluster' | 'namespace'>): boolean;
}

/** Decides for every trigger who may ask, see and press. */
export interface Access {
  /** Throws CodedError `chat/…` when the chat does not tell who somebody is: then nobody may. */
  rightsOf(person: Person): Promise<Rights>;
  /** Who may know of what is told in a channel. */
  audienceOf(channel: string): Promise<Audience>;
}

/**
 * Without rules every member of the bot's own workspace may ask in every channel that it was invited to; guests and members of
 * other workspaces see what is posted and start nothing.
 */
export function createAccess(given: {
  readonly clusters: readonly ClusterAccess[];
  readonly rules: readonly AccessRule[] | undefined;
  readonly people: People;
}): Access {
  const { clusters, rules, people } = given;

  async function fitting({ user, channel }: Person): Promise<readonly AccessRule[]> {
    const fits = await Promise.all(
      (rules ?? [EVERYTHING]).map(async (rule) => {
        if (rule.channels && !(channel !== undefined && rule.channels.includes(channel))) return false;
        if (!rule.groups) return true;
        return (await Promise.all(rule.groups.map((group) => people.isIn(user, group)))).includes(true);
      }),
    );
    return (rules ?? [EVERYTHING]).filter((_, at) => fits[at]);
  }

  /** What nobody of these circumstances may do, whatever is asked. */
  async function obstacleOf({ user, channel }: Person): Promise<Refusal | undefined> {
    if (!(await people.person(user)).member)
      return refused('intake/not-a-member', 'Guests and members of other workspaces can read what is posted here, and start nothing.');
    if (channel !== undefined && !(await people.channel(channel)).joined)
      return refused('intake/not-invited', 'I am not in this channel. Invite me (/invite @imagepull) and ask again.');
    return undefined;
  }

  async function rightsOf(person: Person): Promise<Rights> {
    const obstacle = await obstacleOf(person);
    const held = obstacle ? [] : await fitting(person);
    const ofCluster = (name: string) => held.filter((rule) => matchesAny(name, rule.clusters));
    const mayAsk = (name: string, namespace: string): boolean =>
      isReadable(clusters, name, namespace) && ofCluster(name).some((rule) => matchesAny(namespace, rule.namespaces));
    return {
      refusal(name, namespace) {
        if (obstacle) return obstacle;
        if (!clusters.some((cluster) => cluster.name === name)) return unknownCluster(name, clusters);
        if (namespace === undefined ? ofCluster(name).length > 0 : mayAsk(name, namespace)) return undefined;
        return forbidden(name, namespace, namespace !== undefined && !isReadable(clusters, name, namespace));
      },
      namespaces(name) {
        const patterns = ofCluster(name).flatMap((rule) => rule.namespaces);
        return patterns.includes('*') ? undefined : patterns;
      },
      maySee: ({ audience, cluster, namespace }) =>
        (audience.kind === 'everyone' || audience.channel === person.channel) && mayAsk(cluster, namespace),
    };
  }

  return {
    rightsOf,
    async audienceOf(channel) {
      return (await people.channel(channel)).open ? { kind: 'everyone' } : { kind: 'channel', channel };
    },
  };
}

/**
 * Whether a namespace may be read at all, whoever asks: the cluster's own setting, and some rule, allow it. With a channel, some rule that
 * holds there.
 */
export function isReadableByAny(
  cluster: ClusterAccess,
  rules: readonly AccessRule[] | undefined,
  namespace: string,
  channel?: string,
): boolean {
  if (!isReadable([cluster], cluster.name, namespace)) return false;
  const holds = ({ channels }: AccessRule): boolean => channel === undefined || !channels || channels.includes(channel);
  return !rules || rules.some((rule) => holds(rule) && matchesAny(cluster.name, rule.clusters) && matchesAny(namespace, rule.namespaces));
}

const EVERYTHING: AccessRule = { clusters: ['*'], namespaces: ['*'] };

function isReadable(clusters: readonly ClusterAccess[], name: string, namespace: string): boolean {
  const cluster = clusters.find((candidate) => candidate.name === name);
  if (!cluster) return false;
  const { allow, deny } = cluster.namespaces;
  return !matchesAny(namespace, deny) && (allow === undefined || matchesAny(namespace, allow));
}

function refused(code: string, says: string): Refusal {
  return { status: 'refused', code, says };
}

function unknownCluster(name: string, clusters: readonly ClusterAccess[]): Refusal {
  const known = clusters.map((cluster) => cluster.name).join(', ');
  return refused('intake/unknown-cluster', `There is no cluster ${shortened(name)}. Known are: ${known}.`);
}

function forbidden(cluster: string, namespace: string | undefined, byCluster: boolean): Refusal {
  const what = namespace === undefined ? `Cluster ${cluster}` : `Namespace ${namespace} of ${cluster}`;
  return refused(
    'intake/forbidden',
    byCluster
      ? `${what} is not one that imagepull may be asked about. Its configuration (namespaces) decides that.`
      : `${what} is not one that you may ask about here. The configuration of imagepull (access) decides that.`,
  );
}
