import { selectionOf } from './list.ts';
import type { ObjectChange, ObjectStore, StoredObject } from './object-store.ts';
import type { Target } from './resource.ts';
import { ApiFailure } from './status.ts';

/** Where a watch writes, a line of JSON each. */
export interface WatchSink {
  write(line: string): void;
  end(): void;
}

/**
 * Tells changes from a version on until `stop` is called or the time of the request is over. A version that is too old ends it with an event of
 * type ERROR, as the API server does. An object that leaves the selection is deleted, one that enters it is added.
 */
export function watchObjects(store: ObjectStore, target: Target, query: URLSearchParams, sink: WatchSink): () => void {
  const selects = selectionOf(target, query);
  const { resource, namespace } = target;
  const send = (type: string, object: object) => sink.write(`${JSON.stringify({ type, object })}\n`);
  const onChange = (change: ObjectChange): void => {
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return;
    const type = typeFor(change, selects);
    if (type) send(type, { kind: resource.kind, apiVersion: resource.root.replace(/^\/apis?\//, ''), ...change.object });
  };
  const since = query.get('resourceVersion');
  const from = since === null || since === '' || since === '0' ? undefined : Number(since);
  try {
    // Without a version it begins with what is there.
    if (from === undefined) for (const [, object] of store.list(resource, { namespace })) if (selects(object)) send('ADDED', object);
    const stop = store.watch(resource, from ?? store.version, onChange);
    const seconds = Number(query.get('timeoutSeconds') ?? 0);
    const timer = seconds > 0 ? setTimeout(() => sink.end(), seconds * 1_000) : undefined;
    return () => {
      stop();
      clearTimeout(timer);
    };
  } catch (cause) {
    if (!(cause instanceof ApiFailure)) throw cause;
    send('ERROR', cause.status);
    sink.end();
    return () => undefined;
  }
}

function typeFor({ type, object, before }: ObjectChange, selects: (object: StoredObject) => boolean): ObjectChange['type'] | undefined {
  const was = before !== undefined && selects(before);
  if (type === 'DELETED') return was ? 'DELETED' : undefined;
  if (selects(object)) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
}
