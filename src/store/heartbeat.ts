import { z } from 'zod';

/** What a living process tells of itself, over and over. Loose, because programs of other versions read it. */
export const Heartbeat = z.looseObject({
  /** Of the process. */
  id: z.string(),
  roles: z.array(z.string()),
  /** The clusters whose tasks it performs. */
  clusters: z.array(z.string()),
  /** The newest version of each kind of record that it can read. */
  versions: z.record(z.string(), z.number()),
  /** The newest version of a task that it can read. */
  taskVersion: z.number(),
  /** The release of the program. */
  release: z.string().max(100).optional(),
  /** What it found when it last examined what it rests on. */
  examined: z
    .object({
      at: z.string(),
      made: z.number(),
      wrong: z
        .array(
          z.object({
            id: z.string(),
            about: z.string().optional(),
            status: z.enum(['warning', 'broken']),
            says: z.string(),
            hint: z.string(),
          }),
        )
        .max(50)
        .readonly(),
    })
    .optional()
    // What another release says of itself keeps nobody from being seen alive.
    .catch(undefined),
});
export type Heartbeat = Readonly<z.infer<typeof Heartbeat>>;

/** Who lives. A heartbeat that is not repeated ends by itself. */
export interface Heartbeats {
  write(heartbeat: Heartbeat): Promise<void>;
  list(): Promise<readonly Heartbeat[]>;
  /** Of a process that ends. */
  remove(id: string): Promise<void>;
}

/** A process is taken for dead that was silent for so long, ms: several beats. */
export const HEARTBEAT_KEPT_MS = 20_000;
/** How often a process gives a sign of life, ms. */
export const HEARTBEAT_EVERY_MS = 4_000;

/** The version in which a record is written so that every living process can read it. */
export function commonVersion(kind: { readonly name: string; readonly version: number }, alive: readonly Heartbeat[]): number {
  return Math.min(kind.version, ...alive.map(({ versions }) => versions[kind.name] ?? kind.version));
}

/** Whether a process lives that performs the tasks of a cluster. */
export function hasWorker(alive: readonly Heartbeat[], cluster: string): boolean {
  return alive.some(({ roles, clusters }) => roles.includes('worker') && clusters.includes(cluster));
}
