import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { CodedError } from '../../errors.ts';
import { shortened } from '../../text/wording.ts';
import { type ApiAccess, createApiClient, type WriteRequest } from '../api-client.ts';
import type { WriteAnswer } from '../lease.ts';
import {
  type AccessQuestion,
  type KubeObject,
  OBJECT_KINDS,
  type ObjectName,
  type ObjectWriter,
  type WriteOptions,
} from './object-writer.ts';

const LIST_LIMIT = 500;
/** The API server's own limit for a message of an Event is 1024 bytes. */
const MAX_EVENT_MESSAGE = 1000;
const MAX_LOG_BYTES = 8 * 1024 * 1024;
const FIELD_MANAGER = 'imagepull';

const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? undefined);
const ObjectShape: z.ZodType<KubeObject> = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    resourceVersion: z.string(),
    labels: Labels.optional(),
    annotations: Labels.optional(),
    ownerReferences: z
      .array(z.looseObject({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().nullish() }))
      .optional(),
    creationTimestamp: z.string().nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
});
const Created = z.object({ metadata: z.object({ name: z.string(), uid: z.string(), creationTimestamp: z.string().nullish() }) });
const ObjectList = z.object({ items: z.array(ObjectShape) });
const Review = z.object({ status: z.object({ allowed: z.boolean(), denied: z.boolean().optional(), reason: z.string().optional() }) });

/** An ObjectWriter over the Kubernetes API, with its own credentials. `reload` reads the kubeconfig anew. */
export function createKubernetesWriter(config: KubeConfig, how: ApiAccess): ObjectWriter {
  const { get, readText, writes } = createApiClient(config, how);

  /** A write that got no answer may have been done. */
  async function write(request: WriteRequest, expected: readonly number[]): Promise<WriteAnswer> {
    let answer: WriteAnswer;
    try {
      answer = await writes.send(request);
    } catch (cause) {
      if (cause instanceof CodedError && cause.code !== 'cluster/unreachable') throw cause;
      throw new CodedError('cluster/outcome-unknown', 'The API server did not answer; whether the change was made is not known.', {
        cause,
      });
    }
    if (expected.includes(answer.status)) return answer;
    if (answer.status >= 500 || answer.status === 0)
      throw new CodedError(
        'cluster/outcome-unknown',
        `The API server answered ${answer.status}; whether the change was made is not known.`,
      );
    throw writes.error(answer, request.path, request.method);
  }

  async function review(body: object, path: string): Promise<{ allowed: boolean; because: string }> {
    const answer = await write({ method: 'POST', path, body }, [200, 201]);
    const { status } = parsed(Review, answer.body, path);
    return { allowed: status.allowed && status.denied !== true, because: status.reason ?? '' };
  }

  return {
    name: how.called ?? config.getCurrentContext(),
    read: (object, signal) => get(pathOf(object), {}, ObjectShape, signal),
    list: async ({ kind, namespace, labels, fields }, signal) =>
      (
        await get(
          collectionOf(kind, namespace),
          { limit: String(LIST_LIMIT), labelSelector: labels, fieldSelector: fields },
          ObjectList,
          signal,
        )
      ).items,
    log: (pod, signal) =>
      readText(`${pathOf(pod)}/log`, [], { maxBytes: MAX_LOG_BYTES, accept: '*/*', overflow: 'keep-end', ...(signal ? { signal } : {}) }),
    async create(object, options) {
      const { kind, metadata } = object;
      const path = collectionOf(kind, metadata.namespace);
      const query = { ...dryRunOf(options), fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };
      const answer = await write({ method: 'POST', path, query, body: object, as: options.as }, [200, 201, 202]);
      return parsed(Created, answer.body, path).metadata;
    },
    async patch(object, patch, options) {
      const path = pathOf(object);
      const request = {
        method: 'PATCH' as const,
        path,
        query: { ...dryRunOf(options), fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' },
        body: patch,
        contentType: 'application/strategic-merge-patch+json',
        as: options.as,
      };
      return parsed(ObjectShape, (await write(request, [200])).body, path);
    },
    async delete(object, { uid, resourceVersion }, options) {
      const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
      const dryRun = options.dryRun ? { dryRun: ['All'] } : {};
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy: 'Background', ...dryRun };
      // Said twice: what should only have been tried must not be done because a body was lost on its way.
      await write({ method: 'DELETE', path: pathOf(object), query: dryRunOf(options), body, as: options.as }, [200, 202]);
    },
    mayThey: ({ user, groups }, question) =>
      review(
        {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: { user, groups, resourceAttributes: attributesOf(question) },
        },
        '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      ),
    async tell({ object, reason, type, message }) {
      // Events about what has no namespace are kept in `default`.
      const namespace = object.namespace ?? 'default';
      const at = new Date().toISOString();
      const { apiVersion } = OBJECT_KINDS[object.kind];
      const body = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { generateName: 'imagepull-', namespace },
        involvedObject: { apiVersion, kind: object.kind, name: object.name, uid: object.uid, namespace: object.namespace },
        reason,
        type,
        message: shortened(message, MAX_EVENT_MESSAGE),
        source: { component: 'imagepull' },
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      };
      await write({ method: 'POST', path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`, body }, [200, 201]);
    },
  };
}

function dryRunOf({ dryRun }: WriteOptions): Readonly<Record<string, string>> {
  return dryRun ? { dryRun: 'All' } : {};
}

function collectionOf(kind: ObjectName['kind'], namespace: string | undefined): string {
  const { apiVersion, resource } = OBJECT_KINDS[kind];
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${resource}`;
}

function pathOf({ kind, namespace, name }: ObjectName): string {
  return `${collectionOf(kind, namespace)}/${encodeURIComponent(name)}`;
}

function attributesOf({ verb, object: { kind, namespace, name } }: AccessQuestion) {
  const { apiVersion, resource } = OBJECT_KINDS[kind];
  const group = apiVersion.includes('/') ? apiVersion.split('/', 1)[0] : '';
  return { verb, group, resource, name, ...(namespace === undefined ? {} : { namespace }) };
}

function parsed<T>(schema: z.ZodType<T>, body: string, path: string): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new CodedError('cluster/outcome-unknown', `The API server's answer for ${path} is not JSON.`, { cause });
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  throw new CodedError('cluster/outcome-unknown', `The API server's answer for ${path} is not what it should be.`, { cause: read.error });
}
