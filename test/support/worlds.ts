import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { jsonText } from '../../src/recording/json-text.ts';
import { type Recording, type RecordingFiles, writeRecording } from '../../src/recording/recording.ts';

/**
 * What cases have in common is written once, in a folder each of test/worlds: nodes/CLUSTER/NODE, the node and what its kubelet said of
 * itself and, of made worlds, how the hosts of its images answer; pods/CLUSTER, all pods of a cluster.
 */
export const WORLDS = 'test/worlds';

/** What is written once for many: never what a registry answered, or a log said, about the one image that a case is about. */
const COMMON = new Set(['kubelet/metrics', 'kubelet/stats', 'kubelet/configuration', 'endpoint']);
/** As many recordings have to say the same of a thing. */
const ENOUGH = 3;
/** The files of which parts can be shared, and what tells their items apart. */
const SHARED: Readonly<Record<string, (item: Item) => string>> = {
  'pods.json': ({ metadata }) => `${metadata?.namespace}/${metadata?.name}`,
  'nodes.json': ({ metadata }) => `${metadata?.name}`,
  'answers.json': ({ ask, about }) => `${ask} ${about}`,
};

interface Item {
  readonly metadata?: { readonly namespace?: string; readonly name: string };
  readonly ask?: string;
  readonly about?: string;
  readonly error?: unknown;
}

/** The files of a recording in a folder, without what its worlds hold already, and with the names of those. */
export function withoutShared(folder: string, recording: Recording, worlds = WORLDS): RecordingFiles {
  const files = writeRecording(recording);
  const shared = worldsOf(recording)
    .map((world) => join(worlds, world))
    .filter((world) => existsSync(world) && holdsOnlyWhatIsThere(world, files));
  if (shared.length === 0) return files;
  const names = shared.map((world) => relative(folder, world));
  const header = jsonText({ ...JSON.parse(files['recording.json'] ?? ''), shared: names });
  const rest = Object.keys(SHARED).flatMap((name) => {
    const known = new Set(shared.flatMap((world) => itemsIn(world, name)).map((item) => JSON.stringify(item)));
    const items = itemsOf(files[name]).filter((item) => !known.has(JSON.stringify(item)));
    return items.length > 0 ? [[name, jsonText({ items })]] : [];
  });
  const own = Object.entries(files).filter(([name]) => !(name in SHARED));
  return Object.fromEntries([...own, ['recording.json', header], ...rest]);
}

/** Writes every world anew, out of all recordings. */
export async function writeWorlds(recordings: readonly Recording[], worlds = WORLDS): Promise<void> {
  await rm(worlds, { recursive: true, force: true });
  const byWorld = new Map<string, RecordingFiles[]>();
  for (const recording of recordings)
    for (const world of worldsOf(recording)) byWorld.set(world, [...(byWorld.get(world) ?? []), writeRecording(recording)]);
  for (const [world, all] of byWorld) {
    for (const name of world.startsWith('pods/') ? ['pods.json'] : ['nodes.json', 'answers.json']) {
      const items = commonItems(name, all);
      if (items.length === 0) continue;
      await mkdir(join(worlds, world), { recursive: true });
      await writeFile(join(worlds, world, name), jsonText({ items }));
    }
  }
}

/** The worlds that a recording may share. */
function worldsOf({ cluster, podObject, podsComplete, pods }: Recording): readonly string[] {
  const node = podObject.spec.nodeName;
  return [...(node ? [`nodes/${cluster}/${node}`] : []), ...(podsComplete && pods.length > 10 ? [`pods/${cluster}`] : [])];
}

/** What most recordings say of a thing, at least three of them, sorted by name as an API server does. */
function commonItems(name: string, all: readonly RecordingFiles[]): readonly Item[] {
  const keyOf = SHARED[name] ?? String;
  const said = new Map<string, Map<string, number>>();
  for (const item of all.flatMap((files) => itemsOf(files[name]))) {
    if (item.ask !== undefined && (item.error !== undefined || !COMMON.has(item.ask))) continue;
    const counts = said.get(keyOf(item)) ?? new Map<string, number>();
    const text = JSON.stringify(item);
    said.set(keyOf(item), counts.set(text, (counts.get(text) ?? 0) + 1));
  }
  return [...said]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, counts]) => {
      const [most] = [...counts].sort(([, one], [, other]) => other - one);
      return most && most[1] >= ENOUGH ? [JSON.parse(most[0]) as Item] : [];
    });
}

/** False when a world of pods has one that the recording has not: a replay would see it. */
function holdsOnlyWhatIsThere(world: string, files: RecordingFiles): boolean {
  const own = new Set([files['pod.json'], files['pods.json']].flatMap(itemsOf).map(SHARED['pods.json'] ?? String));
  return itemsIn(world, 'pods.json').every((pod) => own.has((SHARED['pods.json'] ?? String)(pod)));
}

function itemsIn(world: string, name: string): readonly Item[] {
  const path = join(world, name);
  return existsSync(path) ? itemsOf(readFileSync(path, 'utf8')) : [];
}

function itemsOf(text: string | undefined): readonly Item[] {
  if (text === undefined) return [];
  const value = JSON.parse(text) as { readonly items?: readonly Item[] } & Item;
  return value.items ?? [value];
}
