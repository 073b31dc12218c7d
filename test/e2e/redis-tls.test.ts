import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates, type ServerCertificate } from '../support/certificates.ts';
import { freePort } from '../support/real-parts.ts';
import { type OwnRedis, startRedis } from '../support/redis.ts';
import { makeRedisUsers, refusedByAcl } from '../support/redis-users.ts';
import { runCli } from '../support/run-cli.ts';
import { type ServiceWorld, startServiceWorld } from '../support/service-world.ts';
import { shopCards } from '../support/shop-cards.ts';

/** Needs to be written differently in an address. */
const PASSWORD = 'canary pass/word@1%';

let folder: string;
let certificates: Certificates;
let authority: string;
const started: OwnRedis[] = [];
beforeAll(async () => {
  [folder, certificates] = await Promise.all([mkdtemp(join(tmpdir(), 'imagepull-tls-')), makeCertificates()]);
  authority = join(folder, 'authority.pem');
  await writeFile(authority, certificates.authority);
});
afterAll(async () => {
  for (const redis of started) await redis.stop();
  await certificates.remove();
  await rm(folder, { recursive: true });
});

/** A Redis with a port for TLS beside its plain one, on which tests look after it. */
async function redisWith({ certificate, key }: ServerCertificate, more: readonly string[] = []) {
  const port = await freePort();
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', authority];
  const redis = await startRedis(['--tls-port', String(port), ...files, '--tls-auth-clients', 'no', ...more]);
  started.push(redis);
  return { redis, tls: `rediss://127.0.0.1:${port}`, port };
}

async function secretFile(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

describe('Redis with TLS of an own authority', () => {
  it('is used by each role with its own user, whose address or password comes out of a file', async () => {
    const world: ServiceWorld = await startServiceWorld();
    const { told } = shopCards(() => world);
    try {
      const { redis, port } = await redisWith(certificates.good);
      const config = await secretFile('all.yaml', 'clusters: [{ name: prod }]');
      const urlOf = await makeRedisUsers(redis.url, (await runCli(['redis', 'acl', '--config', config])).stdout);
      const overTls = (name: string) => Object.assign(new URL(urlOf(name)), { port: String(port) }).href.replace('redis:', 'rediss:');
      const worker = new URL(overTls('imagepull-worker-prod'));
      const password = decodeURIComponent(worker.password);
      worker.password = '';
      const whole = { REDIS_URL_FILE: await secretFile('gateway-url', `${overTls('imagepull-gateway')}\n`) };
      const apart = { REDIS_URL: worker.href, REDIS_PASSWORD_FILE: await secretFile('worker-password', `${password}\n`) };
      const processes = await Promise.all(
        (['gateway', 'worker'] as const).map((role) =>
          world.serve(role, role, 1_000, {
            redisUrl: '',
            environment: { NODE_EXTRA_CA_CERTS: authority, ...(role === 'gateway' ? whole : apart) },
          }),
        ),
      );
      await world.diagnose(0);
      await told([0]);
      for (const served of processes) await served.end('SIGTERM');
      expect(await refusedByAcl(redis.url)).toEqual([]);
    } finally {
      await world.stop();
    }
  }, 600_000);

  it('takes a password as it is, and says what is wrong with a login or a certificate without telling it', async () => {
    const { tls } = await redisWith(certificates.good, ['--requirepass', PASSWORD]);
    const ask = (env: Record<string, string>) => runCli(['audit'], { env: { REDIS_URL: tls, NODE_EXTRA_CA_CERTS: authority, ...env } });
    const right = { REDIS_PASSWORD_FILE: await secretFile('password', `${PASSWORD}\n`) };
    expect(await ask(right)).toEqual({ code: 0, stdout: 'Nothing was written down.\n', stderr: '' });

    const [, host = ''] = tls.split('//');
    const answers = await Promise.all([
      ask({ ...right, NODE_EXTRA_CA_CERTS: '' }),
      ask({ REDIS_PASSWORD_FILE: await secretFile('wrong', 'canary wrong') }),
      ask({ ...right, REDIS_URL: `rediss://:canary@${host}` }),
      ask({ ...right, REDIS_URL: '' }),
    ]);
    expect(answers.map(({ code, stderr }) => [code, stderr.trim()])).toEqual([
      [4, expect.stringContaining('its certificate is of an authority that is not trusted (NODE_EXTRA_CA_CERTS=FILE adds one)')],
      [2, expect.stringContaining('refuses the login')],
      [2, expect.stringContaining('REDIS_URL and REDIS_PASSWORD both have a password')],
      [2, expect.stringContaining('REDIS_PASSWORD is set, and REDIS_URL is not')],
    ]);
    expect(JSON.stringify(answers)).not.toContain('canary');
  }, 600_000);

  it.each([
    ['for another name', () => certificates.wrongName, /does not match certificate's altnames/],
    ['that has expired', () => certificates.expired, /certificate has expired/],
  ])(
    'is refused with a certificate %s',
    async (_, certificate, says) => {
      const { tls } = await redisWith(certificate());
      const answer = await runCli(['audit'], { env: { REDIS_URL: tls, NODE_EXTRA_CA_CERTS: authority } });
      expect([answer.code, answer.stderr]).toEqual([4, expect.stringMatching(says)]);
    },
    600_000,
  );
});
