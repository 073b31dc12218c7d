import { type Person, personKey } from './person.ts';

/** A Slack identity with the cluster's user that it is mapped to, where that is known. */
interface Identity {
  readonly person: Person;
  readonly clusterUser?: string | undefined;
}

/**
 * Finds which Slack identities are one human as far as the cluster tells: those that share a cluster user, directly or over others. The
 * answer names the human behind an identity; two identities with the same name are one. Neither order nor repetition matters.
 */
export function peopleBehind(identities: readonly Identity[]): (person: Person) => string {
  const parent = new Map<string, string>();
  const root = (node: string): string => {
    let at = node;
    for (let next = parent.get(at); next !== undefined; next = parent.get(at)) at = next;
    return at;
  };
  for (const { person, clusterUser } of identities) {
    if (clusterUser === undefined) continue;
    const [a, b] = [root(`slack:${personKey(person)}`), root(`cluster:${clusterUser}`)];
    if (a !== b) parent.set(a < b ? b : a, a < b ? a : b);
  }
  return (person) => root(`slack:${personKey(person)}`);
}
