import type { BlobAnswer, ManifestAnswer, ManifestContent, RateLimit, TagsAnswer } from '../facts/registry-answer.ts';
import type { GuardOptions } from '../network/address-guard.ts';
import { nextLink, rateLimitOf } from '../network/http/headers.ts';
import type { Environment } from '../network/proxy-environment.ts';
import { createAnswerCache } from '../timing/answer-cache.ts';
import { createFingerprint } from './auth/fingerprint.ts';
import type { Conversation } from './conversation.ts';
import type { RegistryEgress } from './egress.ts';
import { MANIFEST_TYPES, readManifest } from './manifest-content.ts';
import { quirkOf } from './quirks.ts';
import type { Registry } from './registry.ts';
import type { Reply } from './reply.ts';
import { createRegistrySession } from './session.ts';
import { readTags } from './tag-list.ts';

const KEEP_MS = 60_000;
const MAX_ANSWERS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** More tags of one repository are not kept. */
const MAX_TAGS = 5_000;
const TAG_PAGE = 1_000;

/** How registries are asked. */
export interface OciRegistryOptions extends RegistryEgress, Pick<GuardOptions, 'resolve'> {
  /** Registries (`host:port`) that may be sent logins over plain HTTP because the nodes do so. */
  readonly plainHttp?: readonly string[];
  readonly env?: Environment;
  readonly now?: () => number;
  /** How long answers about images are believed, ms; a minute unless told. 0 where somebody acts on them. */
  readonly keepMs?: number;
  /** Most requests to one registry within a minute. */
  readonly perMinute?: number;
  /** For one HTTP request, in milliseconds. */
  readonly timeoutMs?: number;
  /** For its connection, in milliseconds. */
  readonly connectMs?: number;
  /** Certificates trusted besides the usual ones, PEM. */
  readonly ca?: string;
}

/** A Registry over HTTP, after the distribution specification and the quirks of registries. Bounded in requests, time and size. */
export function createOciRegistry(options: OciRegistryOptions): Registry {
  const fingerprint = createFingerprint();
  const session = createRegistrySession(options, fingerprint);
  const cached = createAnswerCache({ now: options.now ?? Date.now, keepMs: options.keepMs ?? KEEP_MS, max: MAX_ANSWERS });

  /** Answers are kept for a minute by request and credential; what was kept costs no request. */
  async function kept<A extends { readonly requests: number; readonly status: string }>(
    key: string,
    ask: () => Promise<A>,
    signal: AbortSignal,
  ): Promise<A> {
    // That a registry was spared is over when its budget is full again.
    const keep = (answer: A) => answer.status !== 'not-asked';
    const { answer, asked } = await cached({ key, ask, keep, signal });
    return asked ? answer : { ...answer, requests: 0 };
  }

  async function tagsOf(conversation: Conversation, request: Parameters<Registry['listTags']>[0]): Promise<TagsAnswer> {
    const { repository } = request.reference;
    const tags: string[] = [];
    const pageSize = quirkOf(conversation.registry).tagPage ?? TAG_PAGE;
    let path = `/v2/${repository}/tags/list?n=${pageSize}`;
    for (let page = 1; ; page++) {
      const reply = await session.ask(conversation, request.account.credential, { path, method: 'GET', repository, maxBytes: MAX_BYTES });
      if (reply.status !== 'reply') return { ...reply, ...session.cost(conversation) };
      const read = readTags(reply.body);
      if (!read)
        return {
          status: 'unusable',
          because: `${conversation.host} answers a request for tags with something else`,
          ...session.cost(conversation),
        };
      tags.push(...read.tags.slice(0, MAX_TAGS - tags.length));
      const link = nextLink(reply.headers);
      const next = nextPage(link, repository);
      if (next === undefined || page >= request.mostPages || tags.length >= MAX_TAGS)
        return {
          status: 'found',
          tags,
          complete: link === undefined && read.held < pageSize,
          ...session.cost(conversation),
          ...limitOf(reply),
        };
      path = next;
    }
  }

  return {
    requests: session.requests,
    ping: session.ping,
    askManifest({ reference, account, how, digest }, signal) {
      const conversation = session.start(reference.registry);
      const wanted = digest ?? reference.digest ?? reference.tag ?? 'latest';
      const { repository } = reference;
      const path = `/v2/${repository}/manifests/${wanted}`;
      const ask = async (): Promise<ManifestAnswer> => {
        const method = how === 'get' ? 'GET' : 'HEAD';
        const reply = await session.ask(conversation, account.credential, {
          path,
          method,
          repository,
          maxBytes: MAX_BYTES,
          accept: MANIFEST_TYPES,
        });
        return { ...manifestAnswer(reply, how), ...session.cost(conversation), ...limitOf(reply) };
      };
      return kept(`${how} ${conversation.host}${path} ${fingerprint(account.credential)}`, ask, signal);
    },
    listTags(request, signal) {
      const { reference, account, mostPages } = request;
      const conversation = session.start(reference.registry);
      const key = `tags ${conversation.host}/${reference.repository} ${mostPages} ${fingerprint(account.credential)}`;
      return kept(key, () => tagsOf(conversation, request), signal);
    },
    askBlob({ reference, account, digest }, signal) {
      const conversation = session.start(reference.registry);
      const { repository } = reference;
      const path = `/v2/${repository}/blobs/${digest}`;
      const ask = async (): Promise<BlobAnswer> => {
        // A redirect to a blob store is given for blobs that are there; the store itself need not be asked.
        const reply = await session.ask(conversation, account.credential, {
          path,
          method: 'HEAD',
          repository,
          maxBytes: 1024,
          follow: false,
        });
        if (reply.status !== 'reply') return { ...reply, ...session.cost(conversation) };
        const bytes = reply.httpStatus === 200 ? Number(reply.headers['content-length']) : Number.NaN;
        return { status: 'found', ...(Number.isFinite(bytes) ? { bytes } : {}), ...session.cost(conversation), ...limitOf(reply) };
      };
      return kept(`blob ${conversation.host}${path} ${fingerprint(account.credential)}`, ask, signal);
    },
  };
}

function manifestAnswer(reply: Reply, how: 'head' | 'get') {
  if (reply.status !== 'reply') return reply;
  const { headers, body, httpStatus } = reply;
  // What is no media type is not repeated.
  const mediaType = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/i.exec(headers['content-type']?.trim() ?? '')?.[0];
  if (mediaType === 'text/html')
    return {
      status: 'unusable',
      because: 'a web page came back instead of a manifest; a proxy or a login page stands before the registry',
    } as const;
  if (httpStatus !== 200)
    return { status: 'unusable', because: `it answers with status ${httpStatus} where a manifest is asked for` } as const;
  const content: ManifestContent | undefined = how === 'head' ? { kind: 'opaque' } : readManifest(body);
  if (!content) return { status: 'unusable', because: `what came back is no manifest (media type: ${mediaType ?? 'none'})` } as const;
  const digest = /^[a-z0-9+._-]{1,40}:[0-9a-f]{32,128}$/.exec(headers['docker-content-digest'] ?? '')?.[0];
  if (how === 'head' && digest === undefined && !/manifest|image\.index/.test(mediaType ?? ''))
    return { status: 'unusable', because: `what answers does not look like a manifest (media type: ${mediaType ?? 'none'})` } as const;
  return {
    status: 'found',
    ...(digest === undefined ? {} : { digest }),
    ...(mediaType === undefined ? {} : { mediaType }),
    content,
  } as const;
}

function limitOf(reply: Reply): { readonly rateLimit?: RateLimit } {
  const rateLimit = reply.status === 'reply' ? rateLimitOf(reply.headers) : undefined;
  return rateLimit === undefined ? {} : { rateLimit };
}

/** The path of a next page, if it is one of the same list: a login must not follow a link elsewhere. */
function nextPage(link: string | undefined, repository: string): string | undefined {
  const url = link === undefined ? undefined : URL.parse(link, 'https://registry');
  return url?.pathname === `/v2/${repository}/tags/list` ? url.pathname + url.search : undefined;
}
