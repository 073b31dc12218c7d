import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

/** The operations of a JSON patch, RFC 6902; which there are is looked at when it is applied. */
export const Operations = z.array(
  z.looseObject({ op: z.string().default(''), path: z.string().default(''), from: z.string().default(''), value: z.unknown().optional() }),
);
export type Operations = z.infer<typeof Operations>;

type Container = Record<string, unknown> | unknown[];

/** A document with all operations done; undefined where one cannot be, or a test fails. The document given stays as it is. */
export function jsonPatched(document: object, operations: Operations): unknown {
  // The root is in a box, so that it has a place as everything else.
  const box = { root: structuredClone(document) };
  return operations.every((operation) => perform(box, operation)) ? box.root : undefined;
}

/** Does one operation, and says whether it could be done. */
function perform(box: object, { op, path, from, value }: Operations[number]): boolean {
  switch (op) {
    case 'test':
      return isDeepStrictEqual(find(box, path)?.get() ?? null, value ?? null);
    case 'add':
      return find(box, path)?.add(value) ?? false;
    case 'replace':
      return find(box, path)?.replace(value) ?? false;
    case 'remove':
      return find(box, path)?.remove() ?? false;
    case 'copy':
    case 'move': {
      const source = find(box, from);
      const found = source?.get();
      if (found === undefined) return false;
      if (op === 'move' && !source?.remove()) return false;
      return find(box, path)?.add(structuredClone(found)) ?? false;
    }
    default:
      return false;
  }
}

/** The place that a pointer names, RFC 6901, whether something is there or not; undefined where nothing could be. */
function find(box: object, pointer: string): Spot | undefined {
  if (!pointer.startsWith('/')) return undefined;
  const steps = pointer.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  let container: unknown = box;
  for (const step of ['root', ...steps.slice(1)]) container = isContainer(container) ? spotOf(container, step).get() : undefined;
  return isContainer(container) ? spotOf(container, last) : undefined;
}

/** A place in a list or an object. */
interface Spot {
  /** Undefined where nothing is. */
  get(): unknown;
  add(value: unknown): boolean;
  replace(value: unknown): boolean;
  remove(): boolean;
}

function spotOf(container: Container, step: string): Spot {
  return Array.isArray(container) ? inList(container, step) : inObject(container, step);
}

function inList(list: unknown[], step: string): Spot {
  const index = step === '-' ? list.length : /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : Number.NaN;
  const put = (values: readonly unknown[], most: number, removed: number): boolean => {
    if (!(index <= most)) return false;
    list.splice(index, removed, ...values);
    return true;
  };
  return {
    get: () => list[index],
    add: (value) => put([value], list.length, 0),
    replace: (value) => put([value], list.length - 1, 1),
    remove: () => put([], list.length - 1, 1),
  };
}

function inObject(object: Record<string, unknown>, key: string): Spot {
  const there = () => Object.hasOwn(object, key);
  const set = (value: unknown): boolean => {
    object[key] = value;
    return true;
  };
  return {
    get: () => (there() ? object[key] : undefined),
    add: set,
    // The API server takes it for an addition.
    replace: set,
    remove: () => there() && delete object[key],
  };
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
