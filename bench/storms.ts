/** What storms cost: thousands of failing pods for one image, for one registry, and for as many registries as there are pods. */
import { detectionWorld, finds, sightingObject } from '../test/support/detection.ts';

type Say = (name: string, value: string) => void;

const PODS = 10_000;
/** As the sweep and the watch hand them over. */
const AT_ONCE = 500;

/** What a diagnosis finds, and where and what the nth pod of a storm is. */
interface Storm {
  readonly finds: Parameters<typeof finds>[0];
  of(nth: number): Partial<Parameters<typeof sightingObject>[0]>;
}

const STORMS: Readonly<Record<string, Storm>> = {
  'one image on 50 nodes': { finds: 'pull-error/tag-not-found', of: (nth) => ({ node: `node-${nth % 50}` }) },
  'a registry with 300 images in 10 namespaces': {
    finds: 'pull-error/registry-unavailable',
    of: (nth) => ({
      namespace: `shop-${nth % 10}`,
      image: `registry.example/shop/web-${nth % 300}:1`,
      workload: `Deployment/web-${nth % 300}`,
      symptom: 'registry-unavailable',
    }),
  },
  'as many registries, all invented by one tenant': {
    finds: 'pull-error/dns-failure',
    of: (nth) => ({
      namespace: 'tenant',
      image: `r${nth}.example/x:1`,
      workload: `Deployment/x-${nth}`,
      symptom: 'dns-failure',
    }),
  },
};

/** Threads, runs and messages of each storm, and the time that its pods took. */
export async function storms(say: Say): Promise<void> {
  for (const [name, storm] of Object.entries(STORMS)) {
    const world = detectionWorld({ probe: finds(storm.finds) });
    const seen = Array.from({ length: PODS }, (_, nth) => sightingObject({ pod: `web-${nth}`, uid: `u-${nth}`, ...storm.of(nth) }));
    const begun = performance.now();
    for (let from = 0; from < PODS; from += AT_ONCE) {
      await world.see(...seen.slice(from, from + AT_ONCE));
      await world.work();
    }
    const seconds = (performance.now() - begun) / 1000;
    const calls = world.chat.said.reduce((sum, { edits }) => sum + 1 + edits, 0);
    const figures = `${world.cards().length} cards, ${await world.runs()} runs, ${calls} posts and edits without a pace, ${seconds.toFixed(1)} s`;
    say(`${PODS} pods of ${name}`, figures);
  }
}
