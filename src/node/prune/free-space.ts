import type { Host } from '../host.ts';

const BETWEEN_MEASUREMENTS_MS = 250;
/** Runtimes free the space after they have answered; what is not free by then is not waited for. */
const MAX_MEASUREMENTS = 20;

/** The free bytes of one file system, as they were before and are now. */
export class FreeSpace {
  readonly mountpoint: string;
  readonly #host: Pick<Host, 'room'>;
  #before: number | undefined;
  #now: number | undefined;

  constructor(mountpoint: string, host: Pick<Host, 'room'>) {
    this.mountpoint = mountpoint;
    this.#host = host;
  }

  /** Measures once; undefined where it cannot be measured from here. */
  async measure(): Promise<number | undefined> {
    this.#now = this.mountpoint === '' ? undefined : (await this.#host.room(this.mountpoint))?.freeBytes;
    this.#before ??= this.#now;
    return this.#now;
  }

  /** Measures until more is free than there was and no more becomes so, or it has been waited for long enough. */
  async settle(pause: (ms: number, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const start = this.#now ?? 0;
    let last = await this.measure();
    for (let measured = 1; measured < MAX_MEASUREMENTS && last !== undefined && !signal.aborted; measured++) {
      await pause(BETWEEN_MEASUREMENTS_MS, signal);
      const next = await this.measure();
      if (next !== undefined && next <= last && next > start) return;
      last = next;
    }
  }

  /** The first and the last measurement; undefined where there is none. */
  get change(): { readonly mountpoint: string; readonly before: number; readonly after: number } | undefined {
    if (this.#before === undefined || this.#now === undefined) return undefined;
    return { mountpoint: this.mountpoint, before: this.#before, after: this.#now };
  }
}
