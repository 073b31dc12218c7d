import { z } from 'zod';
import { CodedError } from '../errors.ts';

/** A Lease as far as an election needs it. Times are RFC 3339 by the holder's clock, and nobody else's. */
export interface LeaseRecord {
  /** Empty where nobody holds it. */
  readonly holder: string;
  readonly durationS: number;
  readonly acquiredAt: string;
  readonly renewedAt: string;
  readonly transitions: number;
}

/** A Lease with what a write has to name, so that nobody overwrites what they have not seen. */
export interface StoredLease extends LeaseRecord {
  readonly resourceVersion: string;
}

/** One object of coordination.k8s.io. It is all that this program writes to a cluster by itself. */
export interface LeasePort {
  /** Undefined where there is none. Throws what ClusterReader throws. */
  read(signal: AbortSignal): Promise<StoredLease | undefined>;
  /** Writes over what was read, or makes it where nothing was; false where somebody else wrote meanwhile. Throws what ClusterReader throws. */
  write(record: LeaseRecord, read: StoredLease | undefined, signal: AbortSignal): Promise<boolean>;
}

/** An answer of the API server to a write. */
export interface WriteAnswer {
  readonly status: number;
  readonly body: string;
}

/** How a Lease is read and written. */
export interface LeaseTransport {
  /** Status and body, whatever the status is. Throws `cluster/unreachable`. */
  send(method: 'GET' | 'POST' | 'PUT', path: string, body: unknown, signal: AbortSignal): Promise<WriteAnswer>;
  /** What an answer that is no success means. */
  error(answer: WriteAnswer, path: string): CodedError;
}

const Lease = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      acquireTime: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .default({}),
});

/** The Lease of that name. https://kubernetes.io/docs/concepts/architecture/leases/ */
export function createLease(
  transport: LeaseTransport,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): LeasePort {
  const all = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
  const one = `${all}/${encodeURIComponent(name)}`;
  return {
    async read(signal) {
      const answer = await transport.send('GET', one, undefined, signal);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw transport.error(answer, one);
      return stored(answer.body, one);
    },
    async write(record, read, signal) {
      const object = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace, ...(read === undefined ? {} : { resourceVersion: read.resourceVersion }) },
        spec: {
          holderIdentity: record.holder,
          leaseDurationSeconds: record.durationS,
          acquireTime: micro(record.acquiredAt),
          renewTime: micro(record.renewedAt),
          leaseTransitions: record.transitions,
        },
      };
      const answer =
        read === undefined ? await transport.send('POST', all, object, signal) : await transport.send('PUT', one, object, signal);
      if (answer.status === 200 || answer.status === 201) return true;
      if (answer.status === 409) return false;
      throw transport.error(answer, one);
    },
  };
}

function stored(text: string, path: string): StoredLease {
  const read = Lease.safeParse(JSON.parse(text));
  if (!read.success) throw new CodedError('cluster/bad-answer', `The API server's answer for ${path} is no Lease.`);
  const { metadata, spec } = read.data;
  return {
    resourceVersion: metadata.resourceVersion,
    holder: spec.holderIdentity ?? '',
    durationS: spec.leaseDurationSeconds ?? 0,
    acquiredAt: spec.acquireTime ?? '',
    renewedAt: spec.renewTime ?? '',
    transitions: spec.leaseTransitions ?? 0,
  };
}

/** A MicroTime, which wants six digits after the second. */
function micro(at: string): string {
  return at.replace(/\.(\d{3})Z$/, '.$1000Z');
}
