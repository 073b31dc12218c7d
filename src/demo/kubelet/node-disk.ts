/** An image on a disk. */
export interface KeptImage {
  /** The digest of its configuration. */
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly bytes: number;
  readonly since: Date;
}

interface Kept extends KeptImage {
  readonly forget: (() => void)[];
}

/** All disks are alike. */
const TOTAL_BYTES = 20e9;
/** Besides images. */
const OTHER_BYTES = 4e9;
/** What is left on one that is full. */
const LEFT_BYTES = 150e6;
/** The kubelet's imagefs.available of its hard evictions. */
const PRESSURE = 0.15;
/** Images of the demo are a few bytes; this is what they take unpacked, each its own. */
const UNPACKED = { least: 650e6, step: 1e6, steps: 200 } as const;

/** The disk of a node: the images that were pulled, and something else that may fill it. */
export class NodeDisk {
  readonly totalBytes = TOTAL_BYTES;
  readonly #now: () => Date;
  readonly #onRoom: () => void;
  readonly #images = new Map<string, Kept>();
  #otherBytes = OTHER_BYTES;

  /** `onRoom` is called once images that were removed have left room on a disk that was full. */
  constructor({ now, onRoom }: { readonly now: () => Date; readonly onRoom: () => void }) {
    this.#now = now;
    this.#onRoom = onRoom;
  }

  get images(): readonly KeptImage[] {
    return [...this.#images.values()];
  }

  get freeBytes(): number {
    return TOTAL_BYTES - this.#otherBytes - this.images.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** An image has come, perhaps by another name than before; `forget` is called when it is removed. */
  brings({ id, tag, digest }: { readonly id: string; readonly tag: string; readonly digest: string }, forget: () => void): void {
    const known = this.#images.get(id);
    const distinct = (names: readonly string[]) => [...new Set(names)];
    this.#images.set(id, {
      id,
      // What is pulled by its digest has no tag.
      tags: distinct([...(known?.tags ?? []), ...(tag.includes('@') ? [] : [tag])]),
      digests: distinct([...(known?.digests ?? []), digest]),
      bytes: UNPACKED.least + (Number.parseInt(id.slice(-6), 16) % UNPACKED.steps) * UNPACKED.step,
      since: known?.since ?? this.#now(),
      forget: [...(known?.forget ?? []), forget],
    });
  }

  /** Removes an image with all its names; nothing where it is not there. */
  remove(id: string): void {
    const wasFull = this.#isFull();
    for (const forget of this.#images.get(id)?.forget ?? []) forget();
    this.#images.delete(id);
    if (wasFull && !this.#isFull()) this.#onRoom();
  }

  /** Something else takes what is left, or gives it back. */
  fill(): void {
    this.#otherBytes += Math.max(0, this.freeBytes - LEFT_BYTES);
  }

  empty(): void {
    this.#otherBytes = OTHER_BYTES;
  }

  #isFull(): boolean {
    return this.freeBytes < PRESSURE * TOTAL_BYTES;
  }
}
