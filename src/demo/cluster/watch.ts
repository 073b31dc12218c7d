import { type Answer, expired, refusalStatus, serverError } from './answers.ts';
import type { Change } from './history.ts';
import { badVersion } from './list-options.ts';
import type { ObjectStore } from './object-store.ts';
import { atVersion, type StoredObject, type WrittenObject } from './objects.ts';
import { apiVersionOf, type Place, type Resource } from './resources.ts';
import { isAnswer, readSelection, type Selection } from './selection.ts';

/** A watch that was asked for: what is to be sent at once, and how to follow. */
export interface Watch {
  readonly kind: 'watch';
  /** Lines to send first. */
  readonly first: readonly string[];
  /** False where the first lines say that it ends. */
  readonly goesOn: boolean;
  /** After so long it ends by itself; absent for as long as the client stays. */
  readonly timeoutMs?: number;
  /** Sends lines as they come, until what it returns is called. */
  follow(send: (line: string) => void): () => void;
}

/** Opens a watch. A version that is too old is told in the stream, as the API server does; only a proxy or an older one refuses at once. */
export function openWatch(store: ObjectStore, place: Place, query: URLSearchParams): Watch | Answer {
  const { resource } = place;
  const selection = readSelection(resource, place.namespace, query);
  if (isAnswer(selection)) return selection;
  const text = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(text)) return serverError(badVersion(text));
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  const version = Number(text);
  const rest = {
    kind: 'watch' as const,
    ...(seconds > 0 ? { timeoutMs: seconds * 1_000 } : {}),
    follow: (send: (line: string) => void) =>
      store.watch(resource, (change) => {
        // A version of the future is waited for.
        const line = change.version > version ? changeLine(change, selection) : undefined;
        if (line !== undefined) send(line);
      }),
  };
  if (version === 0) return { ...rest, first: presentLines(store, resource, selection), goesOn: true };
  const changes = store.changes(resource, version);
  if (!changes) return { ...rest, first: [tooOldLine(store, resource, version)], goesOn: false };
  return { ...rest, first: changes.flatMap((change) => changeLine(change, selection) ?? []), goesOn: true };
}

/** Whether what was opened is a watch. */
export function isWatch(opened: Watch | Answer): opened is Watch {
  return 'kind' in opened;
}

/** A line that ends a watch whose version is not kept any more. */
function tooOldLine(store: ObjectStore, resource: Resource, version: number): string {
  const message = resource.uncached
    ? 'The resourceVersion for the provided watch is too old.'
    : `too old resource version: ${version} (${store.compacted})`;
  return `${JSON.stringify({ type: 'ERROR', object: expired(message).body })}\n`;
}

/** A line that ends a watch in the middle. */
export function failureLine(code: number, message: string): string {
  return `${JSON.stringify({ type: 'ERROR', object: refusalStatus({ code, reason: code === 410 ? 'Expired' : 'InternalError', message }) })}\n`;
}

function presentLines(store: ObjectStore, resource: Resource, { prefix, matches }: Selection): readonly string[] {
  return [...store.range(resource, { prefix, from: prefix })].flatMap(([, object]) =>
    matches(object) ? [lineOf(resource, 'ADDED', object)] : [],
  );
}

/** What a change is for one who sees only some objects: what begins to match was added, what ceases to was deleted. */
function changeLine({ resource, key, version, before, after, gone }: Change, { prefix, matches }: Selection): string | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const was = before !== undefined && matches(before);
  const is = after !== undefined && matches(after);
  if (is) return lineOf(resource, was ? 'MODIFIED' : 'ADDED', after);
  return was ? lineOf(resource, 'DELETED', gone ?? atVersion(before, version)) : undefined;
}

function lineOf(resource: Resource, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: StoredObject): string {
  return `${JSON.stringify({ type, object: shown(resource, object) })}\n`;
}

/** An object with its kind, as it is shown everywhere but in lists. */
export function shown(resource: Resource, object: StoredObject | WrittenObject): object {
  return { kind: resource.kind, apiVersion: apiVersionOf(resource), ...object };
}
