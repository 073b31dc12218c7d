import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came: signatures are over its bytes. */
export interface HttpRequest {
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** What the path's placeholders stand for. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a request is answered with: text, or a value as JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
  /** Several values of one name are sent as a header each. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Answers the requests of one path. What it throws is logged and answered with 500. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;

/** A path with a handler. */
export interface HttpRoute {
  readonly methods: readonly ('GET' | 'POST' | 'PUT')[];
  /** `/webhooks/:source` has a placeholder. */
  readonly path: string;
  readonly handle: HttpHandler;
  /** Looks at a request before its body is read; an answer refuses it. */
  readonly admit?: (request: Pick<HttpRequest, 'headers' | 'params'>) => HttpAnswer | undefined;
  /** Largest body, in bytes; 1 MiB if not given. */
  readonly maxBytes?: number;
}
