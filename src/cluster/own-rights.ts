import type { KubeConfig } from '@kubernetes/client-node';
import { z } from 'zod';
import { CodedError } from '../errors.ts';
import { type ApiAccess, createApiClient } from './api-client.ts';
import type { ResourceRight } from './requested-right.ts';

/** What an API server says of whoever asks. */
export interface OwnRights {
  /** Whether that is allowed. Throws what the cluster throws. */
  may(right: ResourceRight, signal?: AbortSignal): Promise<boolean>;
  /** How far the clock here is ahead of the API server's, ms, to the second; undefined where it does not tell. */
  clockAheadMs(now: () => Date, signal?: AbortSignal): Promise<number | undefined>;
}

const Review = z.object({ status: z.object({ allowed: z.boolean(), denied: z.boolean().optional() }) });
const Self = z.object({ metadata: z.object({ creationTimestamp: z.iso.datetime().nullish() }).optional() });
const AUTHORIZATION = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const AUTHENTICATION = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Asks by SelfSubjectAccessReview and SelfSubjectReview, which every account may make and which change nothing. */
export function createOwnRights(config: KubeConfig, how: ApiAccess = {}): OwnRights {
  const { writes } = createApiClient(config, how);

  async function review<T>(path: string, kind: string, spec: object, schema: z.ZodType<T>, signal: AbortSignal | undefined): Promise<T> {
    const [, , group, version] = path.split('/');
    const body = { apiVersion: `${group}/${version}`, kind, spec };
    const answer = await writes.send({ method: 'POST', path, body, ...(signal === undefined ? {} : { signal }) });
    if (answer.status !== 200 && answer.status !== 201) throw writes.error(answer, path, 'POST');
    const read = schema.safeParse(jsonOf(answer.body));
    if (read.success) return read.data;
    throw new CodedError('cluster/bad-answer', `The API server's answer for ${path} is not what it should be.`, { cause: read.error });
  }

  return {
    async may(right, signal) {
      const { status } = await review(AUTHORIZATION, 'SelfSubjectAccessReview', { resourceAttributes: right }, Review, signal);
      return status.allowed && status.denied !== true;
    },
    async clockAheadMs(now, signal) {
      const before = now().getTime();
      const { metadata } = await review(AUTHENTICATION, 'SelfSubjectReview', {}, Self, signal);
      const told = metadata?.creationTimestamp;
      // It tells whole seconds: the middle of one is meant.
      return told == null ? undefined : Math.round((before + now().getTime()) / 2 - (Date.parse(told) + 500));
    },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No schema takes undefined, and the caller says so.
    return undefined;
  }
}
