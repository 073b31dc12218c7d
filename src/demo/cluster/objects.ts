import { z } from 'zod';

/** What the API server keeps of where an object came from. */
const ObjectMeta = z.looseObject({
  name: z.string().optional(),
  generateName: z.string().optional(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  generation: z.number().nullish(),
  finalizers: z.array(z.string()).readonly().nullish(),
  deletionTimestamp: z.string().nullish(),
  deletionGracePeriodSeconds: z.number().nullish(),
});

/** An object as it is written. */
export const WrittenObject = z.looseObject({
  kind: z.string().optional(),
  apiVersion: z.string().optional(),
  metadata: ObjectMeta,
});
export type WrittenObject = z.infer<typeof WrittenObject>;

/** An object as it is kept: without kind and apiVersion, which its place says. Never changed; a change is another object. */
export interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>> | null | undefined;
    readonly generation?: number | null | undefined;
    readonly finalizers?: readonly string[] | null | undefined;
    readonly deletionTimestamp?: string | null | undefined;
    readonly deletionGracePeriodSeconds?: number | null | undefined;
    readonly [more: string]: unknown;
  };
  readonly [part: string]: unknown;
}

/** The place of an object among those of its kind: etcd's order. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The value that a path leads to, as text; empty where there is none, as field selectors have it. */
export function fieldOf(object: StoredObject, path: readonly string[]): string {
  let value: unknown = object;
  for (const step of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined;
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? String(value) : '';
}

/** An object with another version: what a watch shows of one that went. */
export function atVersion(object: StoredObject, version: number): StoredObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}
