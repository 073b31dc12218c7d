import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { startWatching } from '../../src/app/service/watch.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { createPrometheusMetrics } from '../../src/telemetry/prometheus.ts';
import { eventually } from '../support/eventually.ts';
import { classify } from '../support/rules.ts';

type Given = Parameters<typeof startWatching>[1];

const configOf = (text: string) =>
  readConfig({
    file: { name: 'test.yaml', text: `clusters: [{ name: a }, { name: b }]\n${text}` },
    environment: { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' },
    roles: undefined,
    clusters: undefined,
  });

/** Two clusters without pods, and which of them are watched. */
function watching(text: string) {
  const watched: string[] = [];
  const said: string[] = [];
  const cluster = (name: string) => ({
    direct: {
      async watchEvents(_to: unknown, signal: AbortSignal) {
        watched.push(name);
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      },
      listPods: async () => ({ pods: [] }),
    },
    namespace: 'imagepull',
    mayRead: () => true,
  });
  const metrics = createPrometheusMetrics(SILENT);
  const given = {
    clusters: { a: cluster('a'), b: cluster('b') },
    detection: { detector: { see: async () => undefined }, recoveries: new Map(), stop: async () => undefined },
    classify,
    processId: 'p',
    log: { ...SILENT, info: (message: string) => void said.push(message) },
    metrics,
  } as unknown as Given;
  return { ...startWatching(configOf(text), given), watched, said, metrics };
}

describe('the watch of a service', () => {
  it('watches every cluster by itself in memory, and says so in its figures', async () => {
    const { watched, metrics, stop } = watching('channels: { default: C0123456789 }');
    await eventually(() => expect(watched.toSorted()).toEqual(['a', 'b']));
    const text = await metrics.text();
    for (const name of ['a', 'b']) expect(text).toContain(`imagepull_watch_leader{cluster="${name}"} 1`);
    await stop();
  });

  it('watches nothing where nobody is told, or where it is switched off', async () => {
    const nowhere = watching('');
    expect(nowhere.said[0]).toContain('channels.default');
    const off = watching('channels: { default: C0123456789 }\nwatch: { enabled: false }');
    await Promise.all([nowhere.stop(), off.stop()]);
    expect([...nowhere.watched, ...off.watched]).toEqual([]);
  });
});
