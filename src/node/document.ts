import * as z from 'zod/mini';
import { NETWORK_PROBLEMS } from '../facts/registry-answer.ts';
import { CONTAINER_STATES } from './cri/runtime.ts';
import { KEEP_RULES, STOPS } from './prune/outcome.ts';

/** Everything that a node task prints on standard output is one of these. Written with zod/mini, which is a quarter of zod in the bundle. */

const Text = z.string();
const Count = z.int().check(z.minimum(0));
const Time = z.iso.datetime();

const Runtime = z.strictObject({ name: Text, version: Text, socket: Text });

const head = { schemaVersion: z.literal(1), at: Time };

const Room = z.strictObject({ totalBytes: Count, freeBytes: Count, totalInodes: Count, freeInodes: Count });

/** A file system; `room` is absent where it cannot be measured from here, as CRI knows no capacity. */
const Filesystem = z.strictObject({
  of: z.enum(['images', 'containers', 'node']),
  mountpoint: Text,
  usedBytes: z.exactOptional(Count),
  usedInodes: z.exactOptional(Count),
  room: z.exactOptional(Room),
});

const Use = z.strictObject({
  container: Text,
  name: Text,
  pod: z.exactOptional(Text),
  state: z.enum(CONTAINER_STATES),
  as: z.enum(['image', 'volume']),
});

const Image = z.strictObject({
  id: Text,
  tags: z.array(Text),
  digests: z.array(Text),
  bytes: Count,
  pinned: z.boolean(),
  /** Of the sandboxes of pods, by name. */
  sandbox: z.boolean(),
  /** Since when it is on the node, by the time of the file that came with it; absent where that cannot be told. */
  since: z.exactOptional(Time),
  usedBy: z.array(Use),
});

const Unresolved = z.strictObject({ container: Text, name: Text, pod: z.exactOptional(Text), because: Text });

/** What `images` found. */
export const ImagesDocument = z.strictObject({
  ...head,
  kind: z.literal('images'),
  runtime: Runtime,
  images: z.array(Image),
  /** Containers whose image cannot be told; while there is one, nothing is pruned. */
  unresolved: z.array(Unresolved),
  filesystems: z.array(Filesystem),
});
export type ImagesDocument = z.infer<typeof ImagesDocument>;

const Problem = z.enum(NETWORK_PROBLEMS);
const Fault = { because: Text, status: z.enum(['untrusted', 'expired', 'wrong-name']) };
const Certificate = z.strictObject({ subject: Text, issuer: Text, validFrom: Text, validTo: Text, names: z.array(Text) });
const Chain = { chain: z.array(Certificate), milliseconds: Count };

const Tls = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('trusted'), ...Chain }),
  z.strictObject({ ...Fault, ...Chain, also: z.exactOptional(z.array(z.strictObject(Fault))) }),
  z.strictObject({ status: z.enum(['not-tls', 'failed', 'silent']), because: Text }),
]);

/** The way to one server; EndpointReport of src/facts/endpoint.ts. */
const Endpoint = z.strictObject({
  host: Text,
  port: Count,
  proxy: z.exactOptional(Text),
  dns: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('resolved'), milliseconds: Count }),
    z.strictObject({ status: z.literal('literal') }),
    z.strictObject({ status: z.literal('failed'), because: Text, milliseconds: Count }),
  ]),
  addresses: z.array(
    z.strictObject({
      address: Text,
      status: z.enum(['open', 'connection-refused', 'timeout', 'unreachable', 'connection-reset', 'refused-by-guard', 'not-tried']),
      milliseconds: z.exactOptional(Count),
      because: z.exactOptional(Text),
    }),
  ),
  tls: z.exactOptional(Tls),
  problem: z.exactOptional(Problem),
});

const Greeting = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('answered'),
    http: Count,
    isRegistry: z.boolean(),
    challenge: z.exactOptional(Text),
    clockAheadMs: z.exactOptional(z.int()),
    milliseconds: Count,
  }),
  z.strictObject({ status: z.literal('failed'), problem: z.enum([...NETWORK_PROBLEMS, 'unusable']), milliseconds: Count }),
]);

const Mirror = z.strictObject({
  url: Text,
  skipVerify: z.boolean(),
  authorities: z.array(Text),
  headers: z.array(Text),
  capabilities: z.array(Text),
});

/** What a `probe` found: everything that a pull of the image needs, as the node has it. */
export const ProbeDocument = z.strictObject({
  ...head,
  kind: z.literal('probe'),
  image: Text,
  registry: Text,
  runtime: z.discriminatedUnion('status', [
    z.strictObject({
      status: z.literal('answered'),
      name: Text,
      version: Text,
      socket: Text,
      conditions: z.array(z.strictObject({ type: Text, ok: z.boolean(), reason: Text, message: Text })),
    }),
    z.strictObject({ status: z.literal('failed'), code: Text, because: Text }),
  ]),
  /** Absent for a registry that is an address. */
  names: z.exactOptional(
    z.strictObject({
      name: Text,
      hostsFile: z.array(Text),
      resolvers: z.array(
        z.strictObject({
          server: Text,
          status: z.enum(['resolved', 'unknown-name', 'no-answer', 'failed']),
          addresses: z.array(Text),
          code: z.exactOptional(Text),
          milliseconds: Count,
        }),
      ),
    }),
  ),
  ways: z.array(z.strictObject({ of: z.enum(['registry', 'mirror']), url: Text, endpoint: Endpoint, greeting: z.exactOptional(Greeting) })),
  /** The bundle that certificates were judged by; absent where none could be read, and Node's own stood in for it. */
  authorities: z.exactOptional(z.strictObject({ file: Text, count: Count })),
  proxies: z.array(z.strictObject({ of: z.enum(['runtime', 'kubelet']), from: Text, variables: z.record(Text, Text) })),
  configuration: z.array(
    z.strictObject({
      file: Text,
      server: z.exactOptional(Text),
      mirrors: z.array(Mirror),
      insecure: z.boolean(),
      blocked: z.boolean(),
      unreadable: z.exactOptional(Text),
    }),
  ),
  filesystems: z.array(Filesystem),
});
export type ProbeDocument = z.infer<typeof ProbeDocument>;

/** What a `pull` came to. `stays` says why the image was not removed again. */
export const PullDocument = z.strictObject({
  ...head,
  kind: z.literal('pull'),
  runtime: Runtime,
  image: Text,
  login: z.enum(['anonymous', 'basic', 'identity-token']),
  milliseconds: Count,
  outcome: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('pulled'), id: Text, bytes: Count, wasThere: z.boolean(), stays: z.exactOptional(Text) }),
    z.strictObject({ status: z.literal('failed'), message: Text }),
    z.strictObject({ status: z.literal('timed-out') }),
  ]),
});
export type PullDocument = z.infer<typeof PullDocument>;

const Pruned = z.strictObject({
  id: Text,
  tags: z.array(Text),
  bytes: Count,
  outcome: z.discriminatedUnion('status', [
    z.strictObject({ status: z.literal('removed') }),
    z.strictObject({ status: z.literal('absent') }),
    z.strictObject({ status: z.literal('kept'), rule: z.enum(KEEP_RULES), because: Text }),
    z.strictObject({ status: z.literal('unknown'), because: Text }),
    z.strictObject({ status: z.literal('not-reached') }),
  ]),
});

/** What `prune` did. */
export const PruneDocument = z.strictObject({
  ...head,
  kind: z.literal('prune'),
  runtime: Runtime,
  images: z.array(Pruned),
  /** Why it ended: all was gone through, the goal was reached, or it stopped. */
  ended: z.strictObject({ status: z.enum(STOPS), because: z.exactOptional(Text) }),
  /** Free bytes of the images' file system, as measured; absent where it cannot be. */
  freeBytes: z.exactOptional(z.strictObject({ mountpoint: Text, before: Count, after: Count, goal: z.exactOptional(Count) })),
});
export type PruneDocument = z.infer<typeof PruneDocument>;

/** A task that could not be done. */
export const FailureDocument = z.strictObject({
  ...head,
  kind: z.literal('failure'),
  error: z.strictObject({ code: Text, message: Text, retryable: z.boolean() }),
});

/** Any document, for who reads one. */
export const NodeDocument = z.discriminatedUnion('kind', [ProbeDocument, ImagesDocument, PullDocument, PruneDocument, FailureDocument]);
export type NodeDocument = z.infer<typeof NodeDocument>;
