import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../src/facts/credential.ts';
import { createCriRuntime } from '../../src/node/cri/cri-runtime.ts';
import type { ContainerRuntime, RuntimeImage } from '../../src/node/cri/runtime.ts';
import { createHost } from '../../src/node/host.ts';
import { listImages } from '../../src/node/images.ts';
import type { PrunePlan } from '../../src/node/prune/plan.ts';
import { prune } from '../../src/node/prune/prune.ts';
import { pullImage } from '../../src/node/pull.ts';
import { pause } from '../../src/timing/pause.ts';
import { type RealContainerd, SANDBOX_IMAGE, startContainerd } from '../support/containerd.ts';
import { planned, planOf } from '../support/node-images.ts';
import { pushUnpackable } from '../support/push-layers.ts';
import { type RealRegistry, startDockerRegistry } from '../support/real-parts.ts';
import { classify } from '../support/rules.ts';

const MIB = 1024 * 1024;

let registry: RealRegistry;
let containerd: RealContainerd;
let runtime: ContainerRuntime;
beforeAll(async () => {
  registry = await startDockerRegistry();
  containerd = await startContainerd({ diskMiB: 64 });
  runtime = createCriRuntime(containerd.socket);
});
afterAll(async () => {
  runtime?.close();
  await containerd?.stop();
  await registry?.stop();
});

/** Pushes and pulls an image of its own; the names are further ones of it. */
async function pulled(seed: string, ...names: readonly string[]): Promise<RuntimeImage> {
  for (const name of [seed, ...names]) {
    const [repository = '', tag = '1'] = name.split(':');
    await pushUnpackable({ origin: `http://${registry.host}`, repository }, tag, { seed });
    const outcome = await runtime.pull(`${registry.host}/${repository}:${tag}`, ANONYMOUS.credential, { timeoutMs: 60_000 });
    expect(outcome.status).toBe('pulled');
  }
  const image = await runtime.image(`${registry.host}/${seed}:1`);
  if (!image) throw new Error('it is not there');
  return image;
}

const run = (plan: PrunePlan, on: ContainerRuntime = runtime) =>
  prune(plan, { runtime: on, host: createHost('/'), now: () => new Date(), pause, signal: new AbortController().signal });

/** What was pulled just now may go as well. */
const planOfAnyAge: typeof planOf = (images, given) => planOf(images, { minimumAgeMs: 0, ...given });

const statuses = ({ images }: Awaited<ReturnType<typeof run>>) =>
  images.map(({ outcome }) => (outcome.status === 'kept' ? `kept: ${outcome.rule}` : outcome.status));

describe('pruning a real containerd', () => {
  it('removes what was named, with all of its names, and nothing else', async () => {
    const a = await pulled('one', 'two:5');
    const b = await pulled('other');
    expect(a.tags).toHaveLength(2);
    const half = planned(a, { tags: a.tags.slice(0, 1) });
    expect(statuses(await run(planOfAnyAge([half])))).toEqual(['kept: other-names']);
    const result = await run(planOfAnyAge([planned(a)]));
    expect([statuses(result), result.ended.status]).toEqual([['removed'], 'done']);
    expect((await runtime.images()).map(({ id }) => id)).toEqual([b.id]);
    expect(statuses(await run(planOfAnyAge([planned(a), planned(b)])))).toEqual(['absent', 'removed']);
  });

  it('knows by the time of a blob since when an image is there, and keeps it for an hour after each time that it came', async () => {
    const before = Date.now();
    const image = await pulled('aged');
    const since = async () =>
      Date.parse((await listImages(runtime, createHost('/'))).images.find(({ id }) => id === image.id)?.since ?? '');
    const blob = join(containerd.folder, 'root/io.containerd.content.v1.content/blobs/sha256', image.id.replace('sha256:', ''));
    const makeOlder = () => utimes(blob, 0, (Date.now() - 7_200_000) / 1_000);
    // Times of files are a tick of the kernel behind those of programs.
    expect(await since()).toBeGreaterThanOrEqual(before - 100);
    expect(await since()).toBeLessThanOrEqual(Date.now());
    const plan = planOf([planned(image)]);
    expect(statuses(await run(plan))).toEqual(['kept: too-young']);
    await makeOlder();
    expect(await since()).toBeLessThan(before - 7_000_000);
    // What is there is not written again, whoever pulls it under whatever name.
    await pulled('aged', 'aged-too');
    expect(await since()).toBeLessThan(before - 7_000_000);
    await runtime.remove(image.id);
    await pulled('aged');
    expect(statuses(await run(plan))).toEqual(['kept: too-young']);
    await makeOlder();
    expect(statuses(await run(plan))).toEqual(['removed']);
  });

  it('keeps the image of the sandboxes, which its configuration names', async () => {
    await containerd.configureRegistry('registry.example/hosts.toml', `[host."http://${registry.host}"]\n`);
    await pushUnpackable({ origin: `http://${registry.host}`, repository: SANDBOX_IMAGE }, '1', { seed: 'sandbox' });
    const name = `registry.example/${SANDBOX_IMAGE}:1`;
    await runtime.pull(name, ANONYMOUS.credential, { timeoutMs: 60_000 });
    const image = await runtime.image(name);
    if (!image) throw new Error('it is not there');
    // containerd pins it from 1.7 on.
    expect(['kept: sandbox', 'kept: pinned']).toContain(statuses(await run(planOfAnyAge([planned(image)])))[0]);
    await runtime.remove(image.id);
  });

  it('refuses what came into use in between', async () => {
    const [a, b] = [await pulled('first'), await pulled('second')];
    let removed = false;
    // A container needs a sandbox, which this containerd has no network for; only who uses what is said for it.
    const racing: ContainerRuntime = {
      ...runtime,
      containers: async () =>
        removed ? [{ id: 'c', name: 'late', pod: 'shop/late', state: 'running', images: [b.digests[0] ?? ''] }] : [],
      imageVolumes: async () => [],
      async remove(id) {
        await runtime.remove(id);
        removed = true;
      },
    };
    expect(statuses(await run(planOfAnyAge([planned(a), planned(b)]), racing))).toEqual(['removed', 'kept: in-use']);
    expect((await runtime.images()).map(({ id }) => id)).toEqual([b.id]);
    await runtime.remove(b.id);
  });

  it('survives that the runtime dies midway, and goes on when it is run again', async () => {
    const [a, b] = [await pulled('before'), await pulled('after')];
    const dying: ContainerRuntime = {
      ...runtime,
      async remove(id) {
        if (id === b.id) await containerd.kill();
        await runtime.remove(id);
      },
    };
    const plan = planOfAnyAge([planned(a), planned(b)]);
    const cut = await run(plan, dying);
    expect([cut.ended.status, statuses(cut)]).toEqual(['runtime', ['removed', 'unknown']]);
    await containerd.restart();
    expect(statuses(await run(plan))).toEqual(['absent', 'removed']);
  });

  it('frees a full disk until the goal, and the pull that failed succeeds', async () => {
    const target = (repository: string) => ({ origin: `http://${registry.host}`, repository });
    const names = ['big', 'large', 'huge'];
    for (const name of names) await pushUnpackable(target(name), '1', { seed: name, bytes: 12 * MIB });
    const pull = (name: string) => runtime.pull(`${registry.host}/${name}:1`, ANONYMOUS.credential, { timeoutMs: 60_000 });
    expect([(await pull('big')).status, (await pull('large')).status]).toEqual(['pulled', 'pulled']);
    const failed = await pull('huge');
    if (failed.status !== 'failed') throw new Error(`it is ${failed.status}`);
    expect(classify(failed.message).symptom, failed.message).toBe('disk-full');
    const images = await runtime.images();
    const result = await run(
      planOfAnyAge(
        images.map((image) => planned(image)),
        { goalFreeBytes: 20 * MIB },
      ),
    );
    expect([result.ended.status, statuses(result)]).toEqual(['goal-reached', ['removed', 'not-reached']]);
    expect(result.freeBytes?.after).toBeGreaterThan((result.freeBytes?.before ?? 0) + 15 * MIB);
    expect((await pull('huge')).status).toBe('pulled');
  });
});

describe('a pull on a real containerd', () => {
  const options = { credential: ANONYMOUS.credential, timeoutMs: 60_000, signal: new AbortController().signal, keep: false };

  it('leaves nothing of an image that was not there, and one that was', async () => {
    await pushUnpackable({ origin: `http://${registry.host}`, repository: 'tried' }, '1', { seed: 'tried' });
    const name = `${registry.host}/tried:1`;
    const first = await pullImage(runtime, name, options);
    expect(first.outcome).toMatchObject({ status: 'pulled', wasThere: false, bytes: expect.any(Number) });
    expect('stays' in first.outcome).toBe(false);
    expect(await runtime.image(name)).toBeUndefined();
    await pullImage(runtime, name, { ...options, keep: true });
    expect((await pullImage(runtime, name, options)).outcome).toMatchObject({ wasThere: true, stays: expect.any(String) });
    expect(await runtime.image(name)).toBeDefined();
  });
});
