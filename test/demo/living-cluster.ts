import { Clock } from '../../src/demo/clock.ts';
import { type ClusterServer, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { resourceOfKind } from '../../src/demo/cluster/resources.ts';
import { runControllers } from '../../src/demo/controllers/controllers.ts';
import { startKubelet } from '../../src/demo/kubelet/kubelet.ts';
import { type RegistryServer, startRegistry } from '../../src/demo/registry/registry-server.ts';

/** The stand-in of a cluster with all that lives in it, and a registry; time stands still. */
export interface LivingCluster {
  readonly clock: Clock;
  readonly cluster: ClusterServer;
  readonly registry: RegistryServer;
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
  for (const name of ['node-1', 'node-2']) store.put({ kind: 'Node', metadata: { name }, spec: {} });
  const parts = { store, clock, random };
  const ends = [runControllers(parts), ...['node-1', 'node-2'].map((node) => startKubelet({ ...parts, node }))];
  return {
    clock,
    cluster,
    registry,
    all: (kind) => [...store.range(resourceOfKind(kind), { prefix: '', from: '' })].map(([, object]) => object),
    async stop() {
      clock.pause();
      for (const end of ends) end();
      await Promise.all([cluster.stop(), registry.stop()]);
      if (thrown.length > 0) throw new AggregateError(thrown, 'a stand-in has failed');
    },
  };
}
