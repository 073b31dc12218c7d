import { setTimeout as startTimer } from 'node:timers';

interface Entry {
  readonly at: number;
  readonly task: () => void | Promise<void>;
}

/** What parts of the stand-ins that do something later are given of the clock. */
export type Later = Pick<Clock, 'now' | 'after'>;

/**
 * The time of the stand-ins. It stands still until it runs, at any speed, or is stepped on; what is due is done in its order. Speed 1 is the
 * world's own. What a task throws goes to `onError` while the clock runs, and to whoever steps it.
 */
export class Clock {
  readonly #onError: (cause: unknown) => void;
  /** In their order; those of one moment as they were asked for. */
  readonly #entries: Entry[] = [];
  #atMs: number;
  #running: { readonly speed: number; readonly since: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(start: Date, onError: (cause: unknown) => void) {
    this.#atMs = start.getTime();
    this.#onError = onError;
  }

  now(): Date {
    return new Date(this.#nowMs());
  }

  /** How many times as fast as the world it runs; 0 while it stands still. */
  get speed(): number {
    return this.#running?.speed ?? 0;
  }

  /** Does something so many ms of this clock from now; what it returns takes that back. */
  after(ms: number, task: Entry['task']): () => void {
    const entry = { at: this.#nowMs() + ms, task };
    const place = this.#entries.findIndex(({ at }) => at > entry.at);
    this.#entries.splice(place < 0 ? this.#entries.length : place, 0, entry);
    this.#arm();
    return () => {
      const at = this.#entries.indexOf(entry);
      if (at >= 0) this.#entries.splice(at, 1);
    };
  }

  /** Runs from now on, `speed` times as fast as the world. */
  run(speed: number): void {
    if (!(speed > 0)) throw new RangeError(`a clock cannot run at a speed of ${speed}`);
    this.pause();
    this.#running = { speed, since: Date.now() };
    this.#arm();
  }

  /** Stands still from now on. */
  pause(): void {
    this.#atMs = this.#nowMs();
    this.#running = undefined;
    clearTimeout(this.#timer);
  }

  /** Steps on by so many ms, and is paused then; waits for each thing that is due. */
  async step(ms: number): Promise<void> {
    this.pause();
    const end = this.#atMs + ms;
    for (let next = this.#take(end); next; next = this.#take(end)) {
      this.#atMs = Math.max(this.#atMs, next.at);
      await next.task();
    }
    this.#atMs = end;
  }

  #nowMs(): number {
    const running = this.#running;
    return running === undefined ? this.#atMs : this.#atMs + (Date.now() - running.since) * running.speed;
  }

  #take(untilMs: number): Entry | undefined {
    const [first] = this.#entries;
    if (first === undefined || first.at > untilMs) return undefined;
    this.#entries.shift();
    return first;
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const [first] = this.#entries;
    if (this.#running === undefined || first === undefined) return;
    // Node waits no longer than 2^31 ms; then it is looked at again.
    const waitMs = Math.min(2 ** 31 - 1, Math.ceil(Math.max(0, first.at - this.#nowMs()) / this.#running.speed));
    this.#timer = startTimer(() => this.#doDue(), waitMs);
  }

  #doDue(): void {
    for (let next = this.#take(this.#nowMs()); next; next = this.#take(this.#nowMs())) this.#perform(next);
    this.#arm();
  }

  #perform({ task }: Entry): void {
    Promise.resolve().then(task).catch(this.#onError);
  }
}
