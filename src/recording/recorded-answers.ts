import { z } from 'zod';
import type { EndpointReport } from '../facts/endpoint.ts';
import { KubeletConfiguration, type KubeletSample, StatsSummary } from '../facts/kubernetes/kubelet-reading.ts';
import { type BlobAnswer, type ManifestAnswer, NETWORK_PROBLEMS, type Ping, type TagsAnswer } from '../facts/registry-answer.ts';
import { SampleOfVersion1 } from './version-1.ts';

/** What kubelets, registries and endpoints answer, as a recording keeps it: the schemas of their types. */

const Problem = z.enum(NETWORK_PROBLEMS);
const RefusedBy = z.enum(['registry', 'token-server']);
const asked = {
  requests: z.number(),
  milliseconds: z.number(),
  rateLimit: z
    .object({
      limit: z.number().exactOptional(),
      remaining: z.number().exactOptional(),
      windowSeconds: z.number().exactOptional(),
      source: z.string().exactOptional(),
    })
    .exactOptional(),
};
const said = { code: z.string().exactOptional(), message: z.string().exactOptional() };
const Unusable = z.object({ ...asked, status: z.literal('unusable'), because: z.string() });
const Unreachable = z.object({ ...asked, status: z.literal('unreachable'), problem: Problem, host: z.string(), message: z.string() });
const NotAsked = z.object({ ...asked, status: z.literal('not-asked'), because: z.string() });
const refusals = [
  z.object({ ...asked, ...said, status: z.literal('unauthorized'), by: RefusedBy, hidesMissing: z.boolean().exactOptional() }),
  z.object({
    ...asked,
    ...said,
    status: z.literal('forbidden'),
    by: RefusedBy,
    hidesMissing: z.boolean(),
    httpStatus: z.number().exactOptional(),
    addressBlocked: z.boolean().exactOptional(),
  }),
  z.object({ ...asked, ...said, status: z.literal('missing'), what: z.enum(['tag', 'repository', 'unknown']) }),
  z.object({
    ...asked,
    status: z.literal('rate-limited'),
    by: RefusedBy,
    retryAfterSeconds: z.number().exactOptional(),
    message: z.string().exactOptional(),
  }),
  z.object({ ...asked, status: z.literal('failing'), httpStatus: z.number(), by: RefusedBy, message: z.string().exactOptional() }),
  Unusable,
  Unreachable,
  NotAsked,
] as const;

const Member = z.object({
  digest: z.string(),
  platform: z.object({ os: z.string(), architecture: z.string(), variant: z.string().exactOptional() }).exactOptional(),
});
const Content = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opaque') }),
  z.object({ kind: z.literal('index'), members: z.array(Member) }),
  z.object({ kind: z.literal('image'), bytes: z.number(), layers: z.number(), digests: z.array(z.string()), configType: z.string() }),
  z.object({ kind: z.literal('unsupported'), because: z.string() }),
]);

const Manifest = z.discriminatedUnion('status', [
  ...refusals,
  z.object({
    ...asked,
    status: z.literal('found'),
    digest: z.string().exactOptional(),
    mediaType: z.string().exactOptional(),
    content: Content,
  }),
]) satisfies z.ZodType<ManifestAnswer>;

const Tags = z.discriminatedUnion('status', [
  ...refusals,
  z.object({ ...asked, status: z.literal('found'), tags: z.array(z.string()), complete: z.boolean() }),
]) satisfies z.ZodType<TagsAnswer>;

const Blob = z.discriminatedUnion('status', [
  ...refusals,
  z.object({ ...asked, status: z.literal('found'), bytes: z.number().exactOptional() }),
]) satisfies z.ZodType<BlobAnswer>;

const Greeting = z.intersection(
  z.object({ host: z.string() }),
  z.discriminatedUnion('status', [
    z.object({
      ...asked,
      status: z.literal('answers'),
      scheme: z.enum(['https', 'http']),
      httpStatus: z.number(),
      isRegistry: z.boolean(),
      challenge: z.object({ scheme: z.enum(['basic', 'bearer']), realm: z.string(), service: z.string().exactOptional() }).exactOptional(),
    }),
    Unusable,
    Unreachable,
    NotAsked,
  ]),
) satisfies z.ZodType<Ping>;

const Certificate = z.object({
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.string(),
  validTo: z.string(),
  names: z.array(z.string()),
});
const Fault = z.object({ status: z.enum(['untrusted', 'expired', 'wrong-name']), because: z.string() });
const Endpoint = z.object({
  host: z.string(),
  port: z.number(),
  proxy: z.string().exactOptional(),
  dns: z.discriminatedUnion('status', [
    z.object({ status: z.literal('resolved'), milliseconds: z.number() }),
    z.object({ status: z.literal('literal') }),
    z.object({ status: z.literal('failed'), because: z.string(), milliseconds: z.number() }),
  ]),
  addresses: z.array(
    z.object({
      address: z.string(),
      status: z.enum(['open', 'connection-refused', 'timeout', 'unreachable', 'connection-reset', 'refused-by-guard', 'not-tried']),
      milliseconds: z.number().exactOptional(),
      because: z.string().exactOptional(),
    }),
  ),
  tls: z
    .discriminatedUnion('status', [
      z.object({ status: z.literal('trusted'), chain: z.array(Certificate), milliseconds: z.number() }),
      z.object({
        ...Fault.shape,
        also: z.array(Fault).exactOptional(),
        chain: z.array(Certificate),
        milliseconds: z.number(),
      }),
      z.object({ status: z.enum(['not-tls', 'failed', 'silent']), because: z.string() }),
    ])
    .exactOptional(),
  problem: Problem.exactOptional(),
}) satisfies z.ZodType<EndpointReport>;

const Quantile = z.object({ value: z.number(), atLeast: z.boolean() });
const Durations = z.object({ count: z.number(), median: Quantile, p95: Quantile });
const Sample = z.object({
  at: z.string(),
  startedAt: z.string().exactOptional(),
  pulls: z.number().exactOptional(),
  pullErrors: z.number().exactOptional(),
  pullDurations: z.record(z.string(), Durations),
  evictions: z.record(z.string(), z.number()),
  runtimeOperations: z.record(z.string(), Quantile),
  podSync: Quantile.exactOptional(),
}) satisfies z.ZodType<KubeletSample>;

/** The schema of each kind of question's answer. */
export const ANSWERS = {
  'registry/ping': Greeting,
  'registry/manifest': Manifest,
  'registry/tags': Tags,
  'registry/blob': Blob,
  endpoint: Endpoint,
  'kubelet/metrics': z.array(z.union([SampleOfVersion1, Sample])),
  'kubelet/stats': StatsSummary,
  'kubelet/configuration': KubeletConfiguration,
  'kubelet/log': z.array(z.string()),
} as const;
/** A kind of question that is no read of a Kubernetes object. */
export type Asking = keyof typeof ANSWERS;
/** What such a question is answered with. */
export type AnswerTo<A extends Asking> = z.output<(typeof ANSWERS)[A]>;

/** One question and its answer, or the error it ended with. Reads of Kubernetes objects are kept here only when refused. */
export const RecordedAnswer = z.object({
  ask: z.string(),
  /** What it was about: a host, a node, an image with the account's name. Never a credential. */
  about: z.string(),
  answer: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type RecordedAnswer = z.infer<typeof RecordedAnswer>;

/** An answer with nothing in it but what is read; an answer that no schema knows stays as it is. */
export function cutDown(recorded: RecordedAnswer): RecordedAnswer {
  const schema = Object.entries(ANSWERS).find(([ask]) => ask === recorded.ask)?.[1];
  const known = schema?.safeParse(recorded.answer);
  return known?.success ? { ...recorded, answer: known.data } : recorded;
}
