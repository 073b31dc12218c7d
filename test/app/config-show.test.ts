import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readYaml } from '../../src/app/config/file.ts';
import { configText } from '../../src/app/config/show.ts';
import { VARIABLES } from '../../src/app/config/variables.ts';
import { readSettings } from '../../src/app/config.ts';

const CANARY = 'c4n4ry-hunter2';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'imagepull-show-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function shown(text: string | undefined, environment: Readonly<Record<string, string>> = {}): string {
  const file = text === undefined ? undefined : { name: 'config.yaml', text };
  return configText(readSettings(file), { name: file?.name, value: file && readYaml(file).value, environment });
}

const FULL = `
clusters:
  - { name: prod, kubelet: prometheus, prometheus: "http://prom:9090/x", executor: { namespace: bot } }
  - name: staging
registries: { privateNetworks: [], allowPrivate: ["minio.corp.example:9000"], tokenServers: { registry.corp.example: auth.corp.example } }
slack: { docsUrl: "https://docs.example/causes/", alertChannels: [{ channel: C2123456789, apps: [A0123456789] }] }
channels: { default: C0123456789, routes: [{ channel: C1123456789, quietHours: off }, { channel: C1123456789, quietHours: { from: "22:00", to: "07:00", timeZone: UTC } }] }
watch: { lease: { name: a } }
alerts:
  sources:
    - name: own
      sender: generic
      mapping: { alerts: "$.alerts[*]", status: { path: "@.status", resolved: [ok] }, labels: ["@.labels", "$['all labels']"] }
      authentication: { scheme: grafana, secret: [ALERTS, OLD_ALERTS] }
      cluster: prod
access: { rules: [{ namespaces: ["team-*"] }] }
remedies: { policy: /etc/approvals.yaml, identities: { users: { U0123456789: ann@corp.example } } }
`;

describe('config show', () => {
  it.each([undefined, '', FULL])('prints a configuration that means the same: %#', (text) => {
    const file = text === undefined ? undefined : { name: 'config.yaml', text };
    expect(readSettings({ name: 'shown.yaml', text: shown(text) })).toEqual(readSettings(file));
  });

  it('says of each variable whether it is set, and in which file', () => {
    const file = join(folder, 'redis');
    const empty = join(folder, 'empty');
    writeFileSync(file, `redis://:${CANARY}@redis:6379`);
    writeFileSync(empty, '\n');
    const text = shown(FULL, {
      SLACK_BOT_TOKEN: CANARY,
      SLACK_SIGNING_SECRET_FILE: empty,
      SLACK_APP_TOKEN: CANARY,
      SLACK_APP_TOKEN_FILE: file,
      REDIS_URL_FILE: file,
      https_proxy: `ann:${CANARY}@proxy:3128`,
      NO_PROXY: '.corp.example',
      ALERTS: CANARY,
      OLD_ALERTS_FILE: join(folder, 'none'),
    });
    const lines = new Map([...text.matchAll(/^# {3}(\w{1,40}) {2,40}(.{1,400})$/gm)].map(([, name, state]) => [name, state]));
    expect(Object.fromEntries(lines)).toEqual({
      SLACK_BOT_TOKEN: 'set',
      SLACK_APP_TOKEN: 'set, and SLACK_APP_TOKEN_FILE as well; leave one of them out',
      SLACK_SIGNING_SECRET: `in ${empty}, which is empty`,
      REDIS_URL: `in ${file}`,
      REDIS_PASSWORD: 'not set',
      HTTPS_PROXY: 'http://[redacted]@proxy:3128/',
      HTTP_PROXY: 'not set',
      ALL_PROXY: 'not set',
      NO_PROXY: '.corp.example',
      NODE_EXTRA_CA_CERTS: 'not set',
      KUBECONFIG: 'not set',
      ALERTS: 'set',
      OLD_ALERTS: `Cannot read ${join(folder, 'none')}: it does not exist.`,
    });
    expect(text).not.toContain(CANARY);
  });

  it.each([
    ['redis://:SECRET@redis:6379/3', 'redis://[redacted]@redis:6379/3'],
    ['rediss://ann:SECRET@redis:6379', 'rediss://[redacted]@redis:6379'],
    ['redis://SECRET@redis', 'redis://[redacted]@redis'],
    ['redis://redis:6379?password=SECRET', 'redis://redis:6379?[redacted]'],
    ['redis://redis:6379/0#SECRET', 'redis://redis:6379/0?[redacted]'],
    ['redis://ann:p@SECRET@redis:6379', 'redis://[redacted]@redis:6379'],
    ['redis://ann/SECRET@redis:6379', 'set, and is no address that can be shown'],
    ['redis://ann?SECRET@redis:6379', 'set, and is no address that can be shown'],
    ['redis://:p/SECRET@redis:6379', 'set, and is no address that can be shown'],
    ['ann:SECRET@redis:6379', 'set, and is no address that can be shown'],
    ['SECRET', 'set, and is no address that can be shown'],
  ])('shows of the address %s nothing secret', (address, says) => {
    const text = shown(undefined, { REDIS_URL: address.replace('SECRET', CANARY) });
    expect(text).toContain(`REDIS_URL             ${says}\n`);
    expect(text).not.toContain(CANARY);
  });

  it('shows no user, password or query of an address in the file', () => {
    const text = shown(`
clusters: [{ name: a, prometheus: "https://ann:${CANARY}@prom:9090/x?token=${CANARY}" }]
slack: { apiUrl: "https://${CANARY}@slack.example/api/", docsUrl: "https://docs.example/a?sig=${CANARY}#${CANARY}" }
`);
    expect(text).toContain('prometheus: https://[redacted]@prom:9090/x?[redacted]');
    expect(text).not.toContain(CANARY);
  });

  it('never shows a secret, whatever it is made of and wherever it is set', () => {
    const secret = fc
      .string({ minLength: 6, maxLength: 30, unit: fc.constantFrom(...'ab1%/@:?#&=+ \\"\'<>[]{}') })
      .map((text) => `Zq9${text.trim()}Zq9`);
    fc.assert(
      fc.property(secret, (text) => {
        const everywhere = Object.fromEntries(
          VARIABLES.filter(({ kind }) => kind !== 'plain').map(({ name, kind }) => [
            name,
            kind === 'secret' ? text : `${name === 'REDIS_URL' ? 'redis' : 'http'}://ann:${text}@host:1`,
          ]),
        );
        expect(shown(FULL, { ...everywhere, ALERTS: text, OLD_ALERTS: text })).not.toContain('Zq9');
      }),
    );
  });
});
