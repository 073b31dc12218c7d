/** The kubelet's own, ms: imageBackOffPeriod and MaxImageBackOff of pkg/kubelet/kubelet.go. */
const FIRST_MS = 10_000;
const MOST_MS = 300_000;

interface Failure {
  readonly atMs: number;
  readonly delayMs: number;
  /** What the runtime said. */
  readonly message: string;
}

/** How long each image of each pod is not tried again: client-go/util/flowcontrol/backoff.go, without jitter, as the kubelet uses it. */
export class BackOff {
  readonly #failures = new Map<string, Failure>();

  /** Writes a failure down, and with it how long to wait. */
  failed(key: string, atMs: number, message: string): void {
    const before = this.#failures.get(key);
    const forgotten = before === undefined || atMs - before.atMs > 2 * MOST_MS;
    this.#failures.set(key, { atMs, message, delayMs: forgotten ? FIRST_MS : Math.min(MOST_MS, before.delayMs * 2) });
  }

  /** What the last try said, where it is too early for another one. */
  holds(key: string, atMs: number): string | undefined {
    const last = this.#failures.get(key);
    return last !== undefined && atMs - last.atMs < last.delayMs ? last.message : undefined;
  }
}
