import { z } from 'zod';
import type { ObjectStore, StoredObject } from './object-store.ts';
import type { Target } from './resource.ts';
import { fieldSelector, labelSelector, type Selects } from './selector.ts';
import { badRequest } from './status.ts';

/** Where the next page begins, and of which version. */
const Continue = z.strictObject({ version: z.int(), after: z.string() });

/** Which objects of a resource a request wants. */
export function selectionOf({ resource }: Target, query: URLSearchParams): Selects {
  const byFields = fieldSelector(query.get('fieldSelector') ?? '', resource);
  const byLabels = labelSelector(query.get('labelSelector') ?? '');
  return (object) => byFields(object) && byLabels(object);
}

/** A list, or a page of it. Later pages are of the version of the first one, whatever changed since. */
export function listObjects(store: ObjectStore, target: Target, query: URLSearchParams): object {
  const { resource, namespace } = target;
  const selects = selectionOf(target, query);
  const from = continueOf(query.get('continue'));
  const fromCache = resource.cached && query.get('resourceVersion') === '0' && !from;
  // What comes from the cache comes whole.
  const limit = fromCache ? 0 : limitOf(query.get('limit'));
  const version = from?.version ?? store.version;
  const items: StoredObject[] = [];
  let last = '';
  let isWhole = true;
  for (const [key, object] of store.list(resource, { namespace, version, after: from?.after })) {
    if (!selects(object)) continue;
    isWhole = limit === 0 || items.length < limit;
    if (!isWhole) break;
    items.push(object);
    last = key;
  }
  const left = isWhole || isSelective(query) ? {} : { remainingItemCount: store.count(resource, { namespace, version, after: last }) };
  const more = isWhole ? {} : { continue: tokenOf({ version, after: last }), ...left };
  return {
    kind: `${resource.kind}List`,
    apiVersion: resource.root.replace(/^\/apis?\//, ''),
    metadata: { resourceVersion: String(version), ...more },
    items,
  };
}

/** With a selector the API server does not know how many are left. */
function isSelective(query: URLSearchParams): boolean {
  return Boolean(query.get('fieldSelector')) || Boolean(query.get('labelSelector'));
}

function limitOf(text: string | null): number {
  if (text === null || text === '') return 0;
  if (!/^-?[0-9]{1,15}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

function tokenOf(from: z.infer<typeof Continue>): string {
  return Buffer.from(JSON.stringify(from)).toString('base64url');
}

function continueOf(token: string | null): z.infer<typeof Continue> | undefined {
  if (token === null || token === '') return undefined;
  try {
    return Continue.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof z.ZodError) throw badRequest('invalid continue token: continue key is not valid');
    throw cause;
  }
}
