import type { Placeholder, PlaceholderValues } from '../remediation/placeholders.ts';
import { count } from '../text/wording.ts';

/** What several values of a placeholder are called together. */
const NOUNS: Readonly<Partial<Record<Placeholder, readonly [one: string, many: string]>>> = {
  node: ['node', 'nodes'],
  image: ['image', 'images'],
  imagePath: ['image', 'images'],
  version: ['tag', 'tags'],
  registry: ['registry', 'registries'],
  host: ['registry', 'registries'],
  repository: ['repository', 'repositories'],
  repositoryPath: ['repository', 'repositories'],
  namespace: ['namespace', 'namespaces'],
  secret: ['pull secret', 'pull secrets'],
  pullSecrets: ['set of pull secrets', 'sets of pull secrets'],
  serviceAccount: ['service account', 'service accounts'],
};

/** The values that hold for all of several failures, for one title over them: `4 nodes` where they differ. */
export function sharedValues(all: readonly PlaceholderValues[]): PlaceholderValues {
  const [first] = all;
  if (!first) throw new Error('a group has at least one failure');
  const one = (name: Placeholder) => new Set(all.map((values) => values[name])).size === 1;
  const shared = (name: Placeholder): string => {
    if (one(name)) return first[name];
    // A registry's token server, mirror or a repository in it are other hosts or paths of that one registry.
    if ((name === 'host' || name === 'repository') && one('registry')) return first.registry;
    const noun = NOUNS[name];
    return noun ? count(new Set(all.map((values) => values[name])).size, ...noun) : first[name];
  };
  // The cast is safe: it has the keys of one of them.
  return Object.fromEntries((Object.keys(first) as Placeholder[]).map((name) => [name, shared(name)])) as PlaceholderValues;
}
