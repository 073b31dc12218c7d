import { expect, it } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import { readConfig } from '../../src/app/config.ts';
import { alertMessagesOf } from '../../src/app/service/alerts.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';

const TEXT = `
clusters: [{ name: prod }]
slack: { alertChannels: [{ channel: C0SHOP, apps: [A0GRAFANA] }, { channel: C0ELSE, apps: [A0GRAFANA] }] }
access: { rules: [{ namespaces: [shop], channels: [C0SHOP] }, { namespaces: [web] }] }
`;
const alertAbout = (namespace: string): Alert => ({
  source: 'slack',
  status: 'firing',
  id: namespace,
  name: 'KubePodNotReady',
  location: { namespace, pod: 'web-0' },
  labels: {},
  text: '',
});

it('what apps post leads only to namespaces that a rule lets people ask about in that channel', async () => {
  const config = readConfig({
    file: { name: 'config.yaml', text: TEXT },
    environment: { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' },
    roles: undefined,
    clusters: undefined,
  });
  const queue = { add: async () => undefined, ask: async () => undefined };
  const messages = alertMessagesOf(config, { store: new MemoryStore(), queue, log: SILENT, now: () => new Date() });
  const counts = (channel: string) =>
    messages?.take(
      { alerts: ['shop', 'web', 'payments'].map(alertAbout), problems: [], leftOut: 0, ignored: 0 },
      { name: 'slack', cluster: 'prod', clusters: [], namespaces: undefined },
      { channel, thread: '1.0' },
    );
  expect(await counts('C0SHOP')).toEqual({ taken: 2, dropped: 0, outside: 1 });
  expect(await counts('C0ELSE')).toEqual({ taken: 1, dropped: 0, outside: 2 });
});
