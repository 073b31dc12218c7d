import { expect } from 'vitest';
import { type ApiBody, type ApiTarget, ask } from './api-target.ts';

/** What a contract makes in a namespace of its own. */
export interface OwnObjects {
  readonly namespace: string;
  /** The path of a kind in that namespace. */
  readonly at: (resource: 'pods' | 'events' | 'secrets' | 'leases', name?: string) => string;
  secret(name: string, labels?: Readonly<Record<string, string>>): Promise<ApiBody>;
  /** A pod that no scheduler takes. */
  pod(name: string): Promise<ApiBody>;
  event(name: string, reason: string, about: string): Promise<ApiBody>;
  put(path: string, object: object): Promise<ApiBody>;
  remove(path: string): Promise<void>;
}

const made: (() => Promise<unknown>)[] = [];

/** Makes a namespace, until `removeNamespaces`. */
export async function ownObjects(target: ApiTarget): Promise<OwnObjects> {
  const body = { metadata: { generateName: 'imagepull-contract-' } };
  const { status, body: created } = await ask(target, { method: 'POST', path: '/api/v1/namespaces', body });
  expect(status).toBe(201);
  const namespace = created.metadata.name;
  made.push(() => ask(target, { method: 'DELETE', path: `/api/v1/namespaces/${namespace}` }));
  const at: OwnObjects['at'] = (resource, name) => {
    const group = resource === 'leases' ? '/apis/coordination.k8s.io/v1' : '/api/v1';
    return `${group}/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`;
  };
  const post = async (path: string, object: object): Promise<ApiBody> => {
    const answer = await ask(target, { method: 'POST', path, body: object });
    expect(answer.status, answer.text).toBe(201);
    return answer.body;
  };
  return {
    namespace,
    at,
    secret: (name, labels = {}) => post(at('secrets'), { metadata: { name, labels } }),
    pod: (name) =>
      post(at('pods'), {
        metadata: { name },
        spec: {
          schedulerName: 'nobody',
          automountServiceAccountToken: false,
          containers: [{ name: 'app', image: 'registry.example/app:1' }],
        },
      }),
    event: (name, reason, about) =>
      post(at('events'), {
        metadata: { name },
        involvedObject: { kind: 'Pod', namespace, name: about, uid: `uid-${about}` },
        reason,
        message: 'said',
        source: { component: 'kubelet' },
        type: 'Warning',
      }),
    async put(path, object) {
      const answer = await ask(target, { method: 'PUT', path, body: object });
      expect(answer.status, answer.text).toBe(200);
      return answer.body;
    },
    async remove(path) {
      const answer = await ask(target, { method: 'DELETE', path });
      expect(answer.status, answer.text).toBe(200);
    },
  };
}

/** Removes what `ownObjects` made. */
export async function removeNamespaces(): Promise<void> {
  for (const remove of made.splice(0)) await remove();
}

/** Names of the items of a list. */
export function namesOf({ items = [] }: ApiBody): readonly string[] {
  return items.map(({ metadata }) => metadata.name);
}
