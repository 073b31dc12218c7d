import type { ServerResponse } from 'node:http';
import { failureLine, type Watch } from './watch.ts';

/** The watches that are open. */
export class Streams {
  /** What lets go of each: after it no line is written. */
  readonly #open = new Map<ServerResponse, () => void>();

  get size(): number {
    return this.#open.size;
  }

  /** Sends a watch until its time is over, or somebody lets go. */
  serve(response: ServerResponse, watch: Watch): void {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    for (const line of watch.first) response.write(line);
    if (!watch.goesOn) return void response.end();
    const unfollow = watch.follow((line) => response.write(line));
    const timer = watch.timeoutMs === undefined ? undefined : setTimeout(() => this.#letGo(response).end(), watch.timeoutMs);
    this.#open.set(response, () => {
      unfollow();
      clearTimeout(timer);
    });
    response.on('close', () => this.#letGo(response));
  }

  /** Cuts all of them, as an API server that goes down does. */
  cut(): void {
    for (const response of this.#open.keys()) this.#letGo(response).destroy();
  }

  /** Ends all of them with an error of that code. */
  fail(code: number, message: string): void {
    for (const response of this.#open.keys()) this.#letGo(response).end(failureLine(code, message));
  }

  #letGo(response: ServerResponse): ServerResponse {
    this.#open.get(response)?.();
    this.#open.delete(response);
    return response;
  }
}
