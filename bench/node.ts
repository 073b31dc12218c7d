import { stat } from 'node:fs/promises';
import { startCriServer } from '../test/support/cri-server.ts';
import { imageId, madeImage } from '../test/support/node-images.ts';

const PROGRAM = 'dist/node/node.js';
const IMAGES = 1_000;
const CONTAINERS = 250;

/** What the program on a node costs, on a node that holds much: its size, its time to the document, its memory. */
export async function node(
  say: (name: string, value: string) => void,
  measure: {
    readonly compare: (commands: Readonly<Record<string, readonly [string, readonly string[]]>>) => Promise<Record<string, number>>;
    readonly peakMemory: (args: readonly string[]) => Promise<string>;
  },
): Promise<void> {
  const cri = await startCriServer('containerd', {
    images: Array.from({ length: IMAGES }, (_, number) => madeImage(number)),
    containers: Array.from({ length: CONTAINERS }, (_, number) => ({ id: `c${number}`, image: imageId(number) })),
    mountpoint: '/',
  });
  try {
    const images = [PROGRAM, 'images', '--socket', cri.socket];
    const probe = [PROGRAM, 'probe', '127.0.0.1:1/a:1', '--socket', cri.socket];
    const medians = await measure.compare({
      'node -e 0': [process.execPath, ['-e', '0']],
      'node images': [process.execPath, images],
      'node probe': [process.execPath, probe],
    });
    const base = medians['node -e 0'] ?? Number.NaN;
    say('size of the program on a node', `${Math.round((await stat(PROGRAM)).size / 1000)} kB (limit 150)`);
    for (const name of ['node images', 'node probe']) {
      const median = medians[name] ?? Number.NaN;
      say(`${name}, start to document`, `${median.toFixed(0)} ms (limit 1,000), ${(median / base).toFixed(2)} x node -e 0`);
    }
    say(`peak memory of node images, ${IMAGES} images`, `${await measure.peakMemory(images)} (limit 100)`);
    say('peak memory of node probe', `${await measure.peakMemory(probe)} (limit 100)`);
  } finally {
    await cri.stop();
  }
}
