import { KubeConfig } from '@kubernetes/client-node';
import type { Remedy } from '../../src/approval/remedy.ts';
import { createKubernetesWriter } from '../../src/cluster/writing/kubernetes-writer.ts';
import type { ObjectWriter } from '../../src/cluster/writing/object-writer.ts';
import { type ClusterServer, type ClusterServerOptions, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { type StoredObject, WrittenObject } from '../../src/demo/cluster/objects.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import type { Draft, PullProof, PullQuestion } from '../../src/remedies/draft.ts';
import { draftOf } from '../../src/remedies/index.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { BASICS, digestOf, type Fields, NAMESPACE, type TestObject } from './remedy-objects.ts';

/** The stand-in of an API server with what these tests put into it, and an executor's way to it. */
export interface RemedyCluster {
  readonly server: ClusterServer;
  readonly config: KubeConfig;
  readonly writer: ObjectWriter;
  /** Questions to the registry so far; it answers each with yes unless it is told otherwise, by image. */
  readonly asked: readonly PullQuestion[];
  readonly proofs: Map<string, PullProof>;
  put(...objects: readonly TestObject[]): void;
  get(kind: string, name: string, namespace?: string): StoredObject | undefined;
  /** Writes an object anew, with other metadata or other parts. */
  change(kind: string, name: string, parts: { readonly metadata?: Fields; readonly spec?: Fields; readonly [part: string]: unknown }): void;
  remove(kind: string, name: string): void;
  /** What a remedy comes to now. */
  draft(remedy: Remedy): ReturnType<typeof draftOf>;
  /** The same, where there has to be one. */
  drafted(remedy: Remedy): Promise<Draft>;
  /** Why there is none. */
  refusal(remedy: Remedy): Promise<string>;
  stop(): Promise<void>;
}

export async function remedyCluster(
  objects: readonly TestObject[] = [],
  options: ClusterServerOptions & { readonly token?: string } = {},
): Promise<RemedyCluster> {
  const server = await startCluster(options);
  const config = new KubeConfig();
  config.loadFromString(kubeconfigFor(server.url, options.token));
  const writer = createKubernetesWriter(config, { called: 'prod', holder: 'executor' });
  const asked: PullQuestion[] = [];
  const proofs = new Map<string, PullProof>();

  function put(...given: readonly TestObject[]): void {
    for (const object of given) server.store.put({ ...WrittenObject.parse(object), kind: object.kind });
  }
  const keyOf = (kind: string, name: string, namespace = NAMESPACE) => (resourceOfKind(kind).namespaced ? `${namespace}/${name}` : name);
  const get = (kind: string, name: string, namespace?: string) => server.store.get(resourceOfKind(kind), keyOf(kind, name, namespace));

  function draft(remedy: Remedy): ReturnType<typeof draftOf> {
    return draftOf(remedy, {
      objects: writer,
      hash: sha256,
      target: { namespace: NAMESPACE, pod: 'web-r2-0' },
      askedAt: '2026-03-01T10:10:00Z',
      async provePull(question) {
        asked.push(question);
        return proofs.get(question.image) ?? { status: 'pullable', digest: digestOf(question.image), notChecked: ['Asked from here.'] };
      },
    });
  }

  put(...BASICS, ...objects);
  return {
    server,
    config,
    writer,
    asked,
    proofs,
    put,
    get,
    change(kind, name, { metadata = {}, spec, ...parts }) {
      const before = get(kind, name, kind === 'ConfigMap' ? 'imagepull' : undefined);
      if (!before) throw new Error(`there is no ${kind} ${name}`);
      const changed = { ...before, kind, metadata: { ...before.metadata, ...metadata }, ...parts };
      put(spec === undefined ? changed : { ...changed, spec: { ...(before['spec'] as Fields | undefined), ...spec } });
    },
    remove(kind, name) {
      server.store.remove(resourceOfKind(kind), keyOf(kind, name));
    },
    draft,
    async drafted(remedy) {
      const made = await draft(remedy);
      if (made.status === 'refused') throw new Error(made.because);
      return made.draft;
    },
    async refusal(remedy) {
      const made = await draft(remedy);
      if (made.status !== 'refused') throw new Error('it was drafted');
      return made.because;
    },
    stop: () => server.stop(),
  };
}
