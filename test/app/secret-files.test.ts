import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';
import { alertSecrets } from '../../src/app/service/alerts.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imagepull-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const SOURCE = `
alerts: { sources: [{ name: a, sender: alertmanager, authentication: { scheme: bearer, secret: [ALERTS, OLD_ALERTS] }, cluster: default }] }
`;
const read = (environment: Readonly<Record<string, string>>) =>
  readConfig({ file: { name: 'test.yaml', text: SOURCE }, environment, roles: undefined, clusters: undefined });

async function secret(name: string, value: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `${value}\n`);
  return file;
}

describe('secrets in files', () => {
  it('are read where NAME_FILE names one', async () => {
    const config = read({
      SLACK_BOT_TOKEN_FILE: await secret('bot', 'xoxb-1'),
      SLACK_APP_TOKEN_FILE: await secret('app', 'xapp-1'),
      REDIS_URL_FILE: await secret('redis', 'redis://:secret@redis:6379'),
    });
    expect(config.slackTokens).toMatchObject({ bot: 'xoxb-1', app: 'xapp-1' });
    expect(config.redisUrl).toBe('redis://:secret@redis:6379');
    expect(alertSecrets(config, { ALERTS_FILE: await secret('alerts', 'one'), OLD_ALERTS: 'two' })).toMatchObject({
      ALERTS: 'one',
      OLD_ALERTS: 'two',
    });
  });

  it('are refused beside the variable itself, and where the file is missing', async () => {
    const file = await secret('bot', 'xoxb-1');
    const empty = await secret('empty', '');
    expect(() => read({ SLACK_BOT_TOKEN: 'xoxb-2', SLACK_BOT_TOKEN_FILE: file })).toThrow(
      'SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are both set. Leave one of them out.',
    );
    expect(() => read({ REDIS_URL_FILE: join(folder, 'none') })).toThrow(/Cannot read .*none/);
    // Without it everything would be kept in memory, and nobody would know.
    expect(() => readConfig({ file: undefined, environment: { REDIS_URL_FILE: empty }, roles: 'worker', clusters: undefined })).toThrow(
      `${empty} is empty. REDIS_URL_FILE says that REDIS_URL is in it.`,
    );
  });
});
