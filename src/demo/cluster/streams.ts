import type { ServerResponse } from 'node:http';
import { failureLine, type Watch } from './watch.ts';

/** The watches that are open. */
export class Streams {
  readonly #open = new Set<ServerResponse>();

  get size(): number {
    return this.#open.size;
  }

  /** Sends a watch until its time is over, or somebody lets go. */
  serve(response: ServerResponse, watch: Watch): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    for (const line of watch.first) response.write(line);
    if (!watch.goesOn) return void response.end();
    this.#open.add(response);
    const unfollow = watch.follow((line) => response.write(line));
    const timer = watch.timeoutMs === undefined ? undefined : setTimeout(() => response.end(), watch.timeoutMs);
    response.on('close', () => {
      this.#open.delete(response);
      unfollow();
      clearTimeout(timer);
    });
  }

  /** Cuts all of them, as an API server that goes down does. */
  cut(): void {
    for (const response of this.#open) response.destroy();
  }

  /** Ends all of them with an error of that code. */
  fail(code: number, message: string): void {
    for (const response of this.#open) response.end(failureLine(code, message));
  }
}
