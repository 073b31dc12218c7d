import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const folder = await mkdtemp(join(tmpdir(), 'imagepull-config-'));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('imagepull config check', () => {
  it('says that a file is fine, what it needs, and what of it is not here', async () => {
    const path = await file(
      'good.yaml',
      `
slack: { mode: http }
alerts: { sources: [{ name: a, sender: alertmanager, cluster: default, authentication: { scheme: bearer, secret: ALERTS_TOKEN } }] }
remedies: { policy: /nonexistent/approvals.yaml }
`,
    );
    expect(await runCli(['config', 'check', path])).toEqual({
      code: 0,
      stdout: [
        `✓ ${path} is a configuration of imagepull.`,
        '  A gateway with it needs SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET and ALERTS_TOKEN in the environment,',
        '  each also as NAME_FILE.',
        '‼ remedies.policy: /nonexistent/approvals.yaml is not here, so it was not checked.',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('ends with 2 for a file that serve would refuse, and says what is wrong with a policy or a key that it names', async () => {
    const wrong = await file('wrong.yaml', 'redis:\n  leasMs: 1\n');
    expect(await runCli(['config', 'check', wrong])).toEqual({
      code: 2,
      stdout: '',
      stderr: `imagepull: ${wrong} is not a configuration of imagepull:\n  line 2, redis.leasMs: is no setting. Did you mean leaseMs?\nSee docs/configuration.md.\n`,
    });
    const policy = await file('approvals.yaml', 'version: 1\nruels: []\n');
    const withPolicy = await file('policy.yaml', `remedies: { policy: ${policy} }`);
    expect(await runCli(['config', 'check', withPolicy])).toMatchObject({ code: 2, stderr: expect.stringContaining(`${policy}, line`) });
    const key = await file('key.pem', 'c4n4ry');
    const withKey = await runCli(['config', 'check', await file('keys.yaml', `remedies: { signingKey: ${key} }`)]);
    expect(withKey).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^imagepull: .*Ed25519/) });
    expect(withKey.stderr).not.toContain('c4n4ry');
    expect(await runCli(['config', 'check'])).toMatchObject({
      code: 2,
      stderr: 'imagepull: Say which file: imagepull config check FILE.\n',
    });
  });
});

describe('imagepull config show', () => {
  it('prints no secret of its environment or its file, and what it prints is checked as fine', async () => {
    const path = await file('show.yaml', 'clusters: [{ name: prod, prometheus: "http://ann:c4n4ry@prom:9090" }]\n');
    const env = {
      SLACK_BOT_TOKEN: 'xoxb-c4n4ry',
      SLACK_APP_TOKEN: 'xapp-c4n4ry',
      SLACK_SIGNING_SECRET: 'c4n4ry',
      REDIS_URL: 'redis://ann:c4n4ry@redis:6379',
      HTTPS_PROXY: 'http://ann:c4n4ry@proxy:3128',
    };
    const shown = await runCli(['config', 'show', path], { env });
    expect(shown).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('redis://[redacted]@redis:6379\n') });
    expect(shown.stdout).not.toContain('c4n4ry');
    expect(await runCli(['config', 'check', await file('shown.yaml', shown.stdout)])).toMatchObject({ code: 0 });
  });
});
