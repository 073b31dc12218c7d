import { Clock } from '../../src/demo/clock.ts';
import { type ClusterServer, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { runControllers } from '../../src/demo/controllers/controllers.ts';
import { Ailments } from '../../src/demo/kubelet/ailments.ts';
import { startKubelet } from '../../src/demo/kubelet/kubelet.ts';
import { type RegistryServer, startRegistry } from '../../src/demo/registry/registry-server.ts';

/** Its nodes. */
export const NODES = ['node-1', 'node-2'] as const;

/** The stand-in of a cluster with all that lives in it, and a registry; time stands still. */
export interface LivingCluster {
  readonly clock: Clock;
  readonly cluster: ClusterServer;
  readonly registry: RegistryServer;
  readonly ailments: Ailments;
  /** All objects of a kind. */
  all(kind: string): readonly object[];
  stop(): Promise<void>;
}

/** Starts it with two nodes. A stand-in that throws fails the stop. */
export async function livingCluster({ random = Math.random }: { readonly random?: () => number } = {}): Promise<LivingCluster> {
  const thrown: unknown[] = [];
  const clock = new Clock(new Date('2026-03-01T10:00:00Z'), (cause) => thrown.push(cause));
  const registry = await startRegistry();
  const cluster = await startCluster({ now: () => clock.now() });
  const { store } = cluster;
  for (const name of NODES) store.put({ kind: 'Node', metadata: { name }, spec: {} });
  const parts = { store, clock, random };
  const ailments = new Ailments(parts);
  const kubelets = NODES.map((node) => startKubelet({ ...parts, node, ailment: () => ailments.of(node) }));
  const ends = [runControllers(parts), ...kubelets];
  return {
    clock,
    cluster,
    registry,
    ailments,
    all: (kind) => [...store.range(resourceOfKind(kind), { prefix: '', from: '' })].map(([, object]) => object),
    async stop() {
      clock.pause();
      for (const end of ends) end();
      await Promise.all([cluster.stop(), registry.stop()]);
      if (thrown.length > 0) throw new AggregateError(thrown, 'a stand-in has failed');
    },
  };
}
