/** The watch of a simulated cluster: how long from an event to the detector, what it asks of the API server, and what memory it needs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { knowledge } from '../src/app/app.ts';
import { createKubernetesCluster } from '../src/cluster/kubernetes-cluster.ts';
import { SILENT } from '../src/telemetry/log.ts';
import { runWatcher } from '../src/watch/watcher.ts';

const EVENTS = 300;
const SMALL = 1_000;
/** 5,000 nodes with 30 pods each. */
const LARGE = 150_000;
const SWEEP_MS = 3_000;

type Say = (name: string, value: string) => void;

/** What one size showed. */
interface Seen {
  readonly latencies: readonly number[];
  readonly requestsOfSweep: number;
  readonly sweepMs: number;
  /** After a collection, and the most while a sweep ran; MiB. */
  readonly heap: number;
  readonly peak: number;
}

export async function watch(say: Say): Promise<void> {
  // The first one warms up.
  await watched(SMALL);
  const small = await watched(SMALL);
  const large = await watched(LARGE);
  const at = (of: Seen, share: number) => (of.latencies.toSorted((a, b) => a - b)[Math.floor(of.latencies.length * share)] ?? 0).toFixed(0);
  say('event to detector, p50 and p99', `${at(large, 0.5)} and ${at(large, 0.99)} ms beyond announceAfter, with ${LARGE} pods`);
  say('a sweep over all pods', `${large.requestsOfSweep} requests in ${(large.sweepMs / 1000).toFixed(1)} s`);
  say('API requests a minute at rest, sweepMs 180000', `${(large.requestsOfSweep / 3 + 0.25).toFixed(0)}`);
  say('heap of the watching process', `${large.heap.toFixed(1)} MiB, ${(large.heap / small.heap).toFixed(2)} x with ${SMALL} pods`);
  say('the most while a sweep runs', `${large.peak.toFixed(0)} MiB, ${(large.peak / small.peak).toFixed(2)} x with ${SMALL} pods`);
}

async function watched(pods: number): Promise<Seen> {
  const child = fork(new URL('simulated-cluster.ts', import.meta.url), [String(pods)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const base = line.toString().trim();
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'simulated', server: base, skipTLSVerify: false }, { name: 'nobody' });
  const stop = new AbortController();
  const began = new Map<string, number>();
  const latencies: number[] = [];
  let sweeps = 0;
  let peak = 0;
  const running = runWatcher(
    {
      name: 'simulated',
      cluster: createKubernetesCluster(config),
      classify: knowledge().classify,
      detector: {
        async see(sightings) {
          const at = performance.now();
          for (const { pod } of sightings) {
            const start = began.get(pod);
            if (start !== undefined) latencies.push(at - start);
          }
        },
      },
      async onSweep() {
        sweeps += 1;
      },
      mayRead: () => true,
      settings: { announceAfterMs: 0, sweepMs: SWEEP_MS, readsPerMinute: 100_000, optIn: false },
      onRestart: (reason) => {
        if (!stop.signal.aborted) throw new Error(`the watch began anew: ${reason}`);
      },
      log: SILENT,
      now: () => new Date(),
    },
    stop.signal,
  );
  const sampler = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().heapUsed / 1024 / 1024);
  }, 5);
  const begun = performance.now();
  while (sweeps < 1) await pause(5);
  const sweepMs = performance.now() - begun;
  child.send({});
  const [{ requests }] = (await once(child, 'message')) as [{ readonly requests: number }];
  // Besides the sweep: a list of events and a watch of them.
  const requestsOfSweep = requests - 2;
  clearInterval(sampler);
  for (let n = 0; n < EVENTS; n++) {
    began.set(`late-${n}`, performance.now());
    child.send({ fail: `team-${n % 50}/late-${n}` });
    await pause(Math.random() * 20);
  }
  while (latencies.length < EVENTS) await pause(5);
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed / 1024 / 1024;
  stop.abort();
  await running;
  child.disconnect();
  child.kill();
  await once(child, 'exit');
  return { latencies, requestsOfSweep, sweepMs, heap, peak };
}
