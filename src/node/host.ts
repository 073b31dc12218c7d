import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Room on a file system. */
export interface Room {
  readonly totalBytes: number;
  /** What is free for all, without what is kept for root. */
  readonly freeBytes: number;
  readonly totalInodes: number;
  readonly freeInodes: number;
}

/** The files of the node, wherever they are mounted. What is not there or may not be read is undefined or empty: not every folder is mounted. */
export interface Host {
  /** A text file of 2 MiB at most. */
  text(path: string): string | undefined;
  /** Names in a folder, sorted. */
  names(folder: string): readonly string[];
  /** When a file or a folder was last written to, by the clock of the node. */
  modified(path: string): Date | undefined;
  room(path: string): Promise<Room | undefined>;
}

/** A bundle of all authorities has a quarter of this. */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_LINKS = 8;

/** The node's files below a folder; `/` on the node itself. */
export function createHost(root: string): Host {
  /** Links of the node are meant below its root. Only that of the last part is followed: /etc and the like are folders. */
  function place(path: string): string {
    let current = path;
    for (let links = 0; links < MAX_LINKS && lstatSync(join(root, current)).isSymbolicLink(); links++)
      current = resolve('/', dirname(current), readlinkSync(join(root, current)));
    return join(root, current);
  }

  return {
    text: (path) =>
      whereReadable(() => {
        const file = place(path);
        const found = statSync(file);
        return found.isFile() && found.size <= MAX_BYTES ? readFileSync(file, 'utf8') : undefined;
      }),
    names: (folder) => whereReadable(() => readdirSync(place(folder)).sort()) ?? [],
    modified: (path) => whereReadable(() => statSync(place(path)).mtime),
    async room(path) {
      const place = join(root, path);
      try {
        const { bsize, blocks, bavail, files, ffree } = await statfs(place);
        return { totalBytes: bsize * blocks, freeBytes: bsize * bavail, totalInodes: files, freeInodes: ffree };
      } catch (cause) {
        return absentOr(cause);
      }
    },
  };
}

function whereReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    return absentOr(cause);
  }
}

/** Undefined for what the system refuses to show; anything else is a bug. */
function absentOr(cause: unknown): undefined {
  if (cause instanceof Error && 'syscall' in cause) return undefined;
  throw cause;
}
