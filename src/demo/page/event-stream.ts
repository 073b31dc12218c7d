import type { ServerResponse } from 'node:http';

/** How long a browser waits before it connects again, ms. */
const RETRY_MS = 1_000;
/** A comment so often keeps what is in between from closing the stream. */
const BEAT_MS = 15_000;
const MAX_READERS = 20;
/** Whoever reads so slowly is cut off, bytes, and gets all as it stands when they come again. */
const MAX_BEHIND = 16 * 1024 * 1024;

interface Part {
  readonly version: number;
  readonly json: string;
}

/**
 * Server-sent events of a state in named parts: a reader gets each part as it stands, and again when it has changed. One that comes back
 * with Last-Event-ID gets what has changed since.
 */
export class EventStream {
  /** Versions of another process are none of this one's. */
  readonly #process = Date.now().toString(36);
  readonly #parts = new Map<string, Part>();
  readonly #readers = new Set<ServerResponse>();
  readonly #beat: NodeJS.Timeout;
  #version = 0;

  constructor() {
    this.#beat = setInterval(() => this.#write(': still here\n\n'), BEAT_MS);
    this.#beat.unref();
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Sets a part; says it only where it is another. */
  set(name: string, value: unknown): void {
    const json = JSON.stringify(value);
    if (this.#parts.get(name)?.json === json) return;
    const part = { version: ++this.#version, json };
    this.#parts.set(name, part);
    this.#write(this.#event(name, part));
  }

  /** Answers a request with the stream. */
  connect(response: ServerResponse, lastEventId: string | undefined): void {
    if (this.#readers.size >= MAX_READERS) return void response.writeHead(503, { 'retry-after': '5' }).end();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const [process, version] = (lastEventId ?? '').split('-');
    const since = process === this.#process ? Number(version) || 0 : 0;
    for (const [name, part] of [...this.#parts].sort(([, one], [, other]) => one.version - other.version))
      if (part.version > since) response.write(this.#event(name, part));
    this.#readers.add(response);
    response.on('close', () => this.#readers.delete(response));
  }

  stop(): void {
    clearInterval(this.#beat);
    for (const reader of this.#readers) reader.end();
  }

  /** JSON has no line breaks, so it is one line of data. */
  #event(name: string, { version, json }: Part): string {
    return `id: ${this.#process}-${version}\nevent: ${name}\ndata: ${json}\n\n`;
  }

  #write(text: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength > MAX_BEHIND) reader.destroy();
      else reader.write(text);
    }
  }
}
