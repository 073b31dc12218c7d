import { expect } from 'vitest';
import { type ApiBody, type ApiTarget, ask } from './api-target.ts';

const GROUPS = {
  pods: '/api/v1',
  events: '/api/v1',
  secrets: '/api/v1',
  configmaps: '/api/v1',
  serviceaccounts: '/api/v1',
  leases: '/apis/coordination.k8s.io/v1',
  deployments: '/apis/apps/v1',
  statefulsets: '/apis/apps/v1',
  daemonsets: '/apis/apps/v1',
} as const;
type OwnResource = keyof typeof GROUPS;
type Workload = 'deployments' | 'statefulsets' | 'daemonsets';

/** What a contract makes in a namespace of its own. */
export interface OwnObjects {
  readonly namespace: string;
  /** The path of a kind in that namespace. */
  readonly at: (resource: OwnResource, name?: string) => string;
  make(resource: OwnResource, object: object): Promise<ApiBody>;
  secret(name: string, labels?: Readonly<Record<string, string>>): Promise<ApiBody>;
  /** A pod that no scheduler takes. */
  pod(name: string, spec?: object): Promise<ApiBody>;
  /** A deployment, stateful set or daemon set that makes no pods. */
  workload(resource: Workload, name: string): Promise<ApiBody>;
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
  const at: OwnObjects['at'] = (resource, name) =>
    `${GROUPS[resource]}/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`;
  const post = async (path: string, object: object): Promise<ApiBody> => {
    const answer = await ask(target, { method: 'POST', path, body: object });
    expect(answer.status, answer.text).toBe(201);
    return answer.body;
  };
  return {
    namespace,
    at,
    secret: (name, labels = {}) => post(at('secrets'), { metadata: { name, labels } }),
    make: (resource, object) => post(at(resource), object),
    pod: (name, spec = {}) =>
      post(at('pods'), {
        metadata: { name },
        spec: { schedulerName: 'nobody', automountServiceAccountToken: false, containers: [container()], ...spec },
      }),
    workload: (resource, name) =>
      post(at(resource), {
        metadata: { name },
        spec: {
          selector: { matchLabels: { app: name } },
          template: { metadata: { labels: { app: name } }, spec: { containers: [container()], nodeSelector: { none: 'such' } } },
          ...(resource === 'daemonsets' ? {} : { replicas: 0 }),
          ...(resource === 'deployments' ? { paused: true } : {}),
          ...(resource === 'statefulsets' ? { serviceName: name } : {}),
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

/** A container of a pod that is never run. */
export function container(name = 'app', image = 'registry.example/app:1'): { readonly name: string; readonly image: string } {
  return { name, image };
}

/** A node that is none, until `removeNamespaces`; its path. */
export async function ownNode(target: ApiTarget, spec: object = {}): Promise<string> {
  const answer = await ask(target, {
    method: 'POST',
    path: '/api/v1/nodes',
    body: { metadata: { generateName: 'imagepull-contract-' }, spec },
  });
  expect(answer.status, answer.text).toBe(201);
  const path = `/api/v1/nodes/${answer.body.metadata.name}`;
  made.push(() => ask(target, { method: 'DELETE', path }));
  return path;
}

/** Removes what `ownObjects` and `ownNode` made. */
export async function removeNamespaces(): Promise<void> {
  for (const remove of made.splice(0)) await remove();
}

/** Names of the items of a list. */
export function namesOf({ items = [] }: ApiBody): readonly string[] {
  return items.map(({ metadata }) => metadata.name);
}
