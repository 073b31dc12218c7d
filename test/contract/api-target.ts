import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { Rule, Subject } from '../../src/demo/cluster/access/rights.ts';
import type { Webhook } from '../../src/demo/cluster/writes/admission.ts';

/** Somebody with a token, by the name that the API server knows. */
export interface Someone {
  readonly user: string;
  readonly options: RequestOptions;
}

/** Where an API server is. */
export interface ApiAddress {
  readonly url: string;
  /** May everything. */
  readonly admin: RequestOptions;
}

/** An API server that a contract is run on, and how to be who. */
export interface ApiTarget extends ApiAddress {
  /** Somebody who may nothing. */
  readonly powerless: Someone;
  /** Holds a token that is nobody's. */
  readonly nobody: RequestOptions;
  /** Makes an account with a token, who may nothing. */
  account(name: string): Promise<Someone>;
  /** Lets users and groups do what rules say, once for each. */
  allow(subject: Subject, rules: readonly Rule[]): Promise<void>;
  /** Asks a webhook about pods and secrets of a namespace, until what it returns is called. */
  webhook(webhook: Webhook & { readonly namespace: string }): Promise<() => Promise<void>>;
}

/** What is looked at of an object, a list or a Status. */
export interface ApiBody {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly generation?: number;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items?: readonly ApiBody[];
  readonly status?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: unknown;
  readonly spec?: unknown;
  readonly [more: string]: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  /** Throws where the answer is no JSON. */
  readonly body: ApiBody;
}

/** A line of a watch. */
export interface ApiLine {
  readonly type: string;
  readonly object: ApiBody;
}

export interface ApiStream {
  readonly status: number;
  /** What has come so far. */
  readonly lines: readonly ApiLine[];
  /** True once the server has ended it. */
  readonly ended: () => boolean;
  close(): void;
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: object;
  /** JSON where nothing is said. */
  readonly contentType?: string;
  /** In place of a body. */
  readonly text?: string;
  readonly as?: RequestOptions;
}

/** Sends a request and reads the whole answer. */
export async function ask(target: ApiAddress, asked: Asked): Promise<ApiAnswer> {
  const response = await send(target, asked);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return {
    status: response.statusCode ?? 0,
    text,
    get body() {
      return JSON.parse(text) as ApiBody;
    },
  };
}

/** Opens a watch; lines are gathered until it ends or is closed. */
export async function openStream(target: ApiTarget, path: string, query: Asked['query']): Promise<ApiStream> {
  const response = await send(target, { path, query: { watch: 1, ...query } });
  const lines: ApiLine[] = [];
  let rest = '';
  let ended = false;
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as ApiLine);
  });
  response.on('end', () => {
    ended = true;
  });
  // One that is closed here ends with an error.
  response.on('error', () => undefined);
  return { status: response.statusCode ?? 0, lines, ended: () => ended, close: () => response.destroy() };
}

function send(target: ApiAddress, asked: Asked): Promise<IncomingMessage> {
  const { method = 'GET', path, query = {}, body, text, contentType = 'application/json', as = target.admin } = asked;
  const url = new URL(path, target.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const written = text ?? (body === undefined ? '' : JSON.stringify(body));
  const headers = { ...as.headers, 'content-type': contentType, 'content-length': Buffer.byteLength(written) };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, { ...as, method, headers }, resolve);
    sent.on('error', reject);
    sent.end(written);
  });
}
