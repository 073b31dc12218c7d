import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { ScanReport } from '../../src/report/formats/scan-report.ts';
import type { Report } from '../../src/report/report.ts';
import { POD, startCaseServer, startCliWorld } from '../support/cli-world.ts';
import { runCli } from '../support/run-cli.ts';

// Each test starts processes, which a busy machine takes its time for.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { folder, server, kubeconfig, kubeconfigTo, stop } = await startCliWorld();
afterAll(stop);

/** A server that answers everything with one status. */
async function refusing(status: number, message: string): Promise<{ file: string; stop: () => Promise<void> }> {
  const api = await startCaseServer({
    intercept: (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ kind: 'Status', message, code: status }));
      return true;
    },
  });
  return { file: await kubeconfigTo(api.url), stop: api.stop };
}

/** One sentence or a few, no stack, and nothing on standard output. */
function expectRefusal(result: Awaited<ReturnType<typeof runCli>>, code: number, ...parts: readonly string[]): void {
  expect(result).toMatchObject({ code, stdout: '' });
  for (const part of parts) expect(result.stderr).toContain(part);
  expect(result.stderr).toMatch(/^imagepull: /);
  expect(result.stderr).not.toMatch(/\n {2,}at |node:internal|undefined|\[object/);
}

describe('imagepull diagnose', () => {
  it('says cause, reach, evidence and what to do, and nothing on standard error', async () => {
    const result = await runCli(['diagnose', POD, '--kubeconfig', kubeconfig]);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const order = [
      '127.0.0.1:5000 has no tag nope of busybox',
      'tag-not-found, likely',
      '3 pods of Deployment lab/deploy-3',
      'Evidence',
      'kubectl set image -n lab deployment/deploy-3 app=',
      'Not checked',
    ];
    const places = order.map((part) => result.stdout.indexOf(part));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(result.stdout).not.toContain('\u001b');
  });

  it('prints JSON with the promised fields, in at most twelve requests', async () => {
    const before = server.requests.length;
    const result = await runCli(['diagnose', POD, '--kubeconfig', kubeconfig, '-o', 'json']);
    const report = JSON.parse(result.stdout) as Report;
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining(['target', 'verdict', 'scope', 'findings', 'steps', 'remediation', 'requests']),
    );
    expect(Object.keys(report.verdict)).toEqual(
      expect.arrayContaining(['cause', 'family', 'confidence', 'because', 'alternatives', 'unanswered']),
    );
    expect(report.verdict).toMatchObject({ cause: 'tag-not-found', family: 'image', confidence: 'likely' });
    expect(report.steps[0]).toEqual({ id: 'read-pull-events', status: 'done', because: null, durationMs: expect.any(Number) });
    expect(report.steps).toHaveLength(7);
    expect(report.remediation[0]).toEqual({ action: 'set-image', title: expect.any(String), commands: expect.any(Array) });
    expect(report.requests).toEqual({ kubernetes: server.requests.length - before, registry: 0 });
    expect(report.requests.kubernetes).toBeLessThanOrEqual(12);
  });

  it('prints markdown', async () => {
    const { stdout } = await runCli(['diagnose', POD, '--kubeconfig', kubeconfig, '-o', 'markdown']);
    expect(stdout).toMatch(/^## 127\.0\.0\.1:5000 has no tag nope of busybox\n/);
    expect(stdout).toContain('### What to do');
  });

  it('takes the namespace beside the name as well, and a context', async () => {
    expect((await runCli(['diagnose', POD.slice(4), '-n', 'lab', '--kubeconfig', kubeconfig, '--context', 'test'])).code).toBe(0);
    expect((await runCli(['diagnose', POD], { env: { KUBECONFIG: kubeconfig } })).code).toBe(0);
  });

  it('follows the controller of a pod that is gone', async () => {
    const result = await runCli(['diagnose', 'lab/deploy-3-565cbdc67f-zzzzz', '--kubeconfig', kubeconfig]);
    expect(result.code).toBe(0);
    expect(result.stdout.replace(/\s+/g, ' ')).toContain(
      'lab/deploy-3-565cbdc67f-zzzzz is gone. Its controller replaced it; this is about deploy-3-565cbdc67f-',
    );
  });

  it('stays within twelve requests on a cluster of many pages', async () => {
    const small = await startCaseServer({ pageSize: 10 });
    const result = await runCli(['diagnose', POD, '--kubeconfig', await kubeconfigTo(small.url), '-o', 'json']);
    await small.stop();
    const report = JSON.parse(result.stdout) as Report;
    expect(report.requests.kubernetes).toBeLessThanOrEqual(12);
    expect(report.scope?.lookedAt).toContain('not all there are');
    expect(report.scope?.pods).toBe(3);
  });

  it('falls back to the namespace, and to the status, where less is allowed, and says what would help', async () => {
    const narrow = await startCaseServer({
      pageSize: 5,
      intercept: (request, response) => {
        if (!/^\/api\/v1\/pods|\/events/.test(request.url ?? '')) return false;
        response
          .writeHead(403, { 'content-type': 'application/json' })
          .end(JSON.stringify({ kind: 'Status', message: `${request.url?.includes('events') ? 'events' : 'pods'} is forbidden` }));
        return true;
      },
    });
    const result = await runCli(['diagnose', POD, '--kubeconfig', await kubeconfigTo(narrow.url)]);
    const requests = narrow.requests.length;
    await narrow.stop();
    expect(requests).toBeLessThanOrEqual(12);
    expect(result.code).toBe(0);
    for (const part of [
      'tag-not-found, likely',
      'Only pods of namespace lab were looked at',
      "The pod's events could not be read",
      'verbs: ["list"]',
      'resources: ["events"]',
    ])
      expect(result.stdout).toContain(part);
  });

  it.each([
    ['a/b/c', 'more than one slash'],
    ['Shop/web-0', '"Shop" is no namespace'],
    ['shop/', 'the name is missing'],
    ['shop/web_0', '"web_0" is no name of a pod'],
    ['deploy/web_0', '"web_0" is no name of a Deployment'],
    ['shop/$(reboot)', 'is no name of a pod'],
  ])('refuses %s and shows how a pod is named', async (name, why) => {
    expectRefusal(await runCli(['diagnose', name, '--kubeconfig', kubeconfig]), 2, why, 'for example shop/web-0');
  });

  it('names the nearest pods when there is none of that name', async () => {
    expectRefusal(
      await runCli(['diagnose', 'lab/tag-misin', '--kubeconfig', kubeconfig]),
      3,
      'There is no pod tag-misin in namespace lab',
      'Did you mean tag-missing',
    );
    expectRefusal(
      await runCli(['diagnose', 'nowhere/web-0', '--kubeconfig', kubeconfig]),
      3,
      'namespace nowhere has no pods, or does not exist',
    );
  });

  it('needs a kubeconfig that is there, readable, and has the context', async () => {
    expectRefusal(await runCli(['diagnose', POD]), 2, 'No cluster to ask');
    expectRefusal(
      await runCli(['diagnose', POD, '--kubeconfig', '/nonexistent/config']),
      2,
      'Cannot read the kubeconfig /nonexistent/config',
    );
    expectRefusal(
      await runCli(['diagnose', POD, '--kubeconfig', kubeconfig, '--context', 'prod']),
      2,
      'There is no context "prod"',
      'Known: test',
    );
    const broken = join(folder, 'broken');
    await writeFile(broken, 'clusters: [');
    expectRefusal(await runCli(['diagnose', POD, '--kubeconfig', broken]), 2, 'Cannot read the kubeconfig');
  });

  it('says when the server cannot be reached, has a login that expired, or forbids the pod', async () => {
    expectRefusal(
      await runCli(['diagnose', POD, '--kubeconfig', await kubeconfigTo('http://127.0.0.1:9')]),
      4,
      'Cannot reach the API server http://127.0.0.1:9: connection refused',
    );
    const expired = await refusing(401, 'Unauthorized');
    expectRefusal(await runCli(['diagnose', POD, '--kubeconfig', expired.file]), 5, 'does not accept your credentials', 'log in again');
    await expired.stop();
    const forbidden = await refusing(403, 'pods "x" is forbidden: User "eve" cannot get resource "pods"');
    expectRefusal(
      await runCli(['diagnose', POD, '--kubeconfig', forbidden.file]),
      5,
      'User "eve" cannot get',
      'a Role in namespace lab',
      'resources: ["pods"]',
      'verbs: ["get"]',
    );
    await forbidden.stop();
  });
});

describe('imagepull scan', () => {
  it('groups everything that cannot pull by likely root cause', async () => {
    const result = await runCli(['scan', '-A', '--kubeconfig', kubeconfig, '-o', 'json']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(result.stdout) as ScanReport;
    expect(report.schemaVersion).toBe(1);
    const deploy = report.groups.find((group) => group.containers.some((container) => container.pod.startsWith('deploy-3')));
    expect(deploy).toMatchObject({ cause: 'tag-not-found' });
    expect(deploy?.containers.length).toBe(3);
    expect(report.groups.some((group) => group.containers.some((container) => container.pod === 'private-ok'))).toBe(false);
  });

  it('prints a block a cause, and nothing wrong as nothing wrong', async () => {
    const { stdout } = await runCli(['scan', '-n', 'lab', '--kubeconfig', kubeconfig]);
    expect(stdout).toMatch(/^[0-9]+ pods cannot pull an image, for [0-9]+ reasons/);
    expect(stdout).toContain('imagepull diagnose lab/');
    expect((await runCli(['scan', '-n', 'empty', '--kubeconfig', kubeconfig])).stdout).toContain('No pull fails');
  });
});

describe('imagepull explain', () => {
  const message =
    'Failed to pull image "web:1": failed to resolve reference "docker.io/library/web:1": failed to do request: Head "https://registry-1.docker.io/v2/library/web/manifests/1": dial tcp: lookup registry-1.docker.io on 10.0.0.1:53: no such host';

  it('explains one message', async () => {
    const { code, stdout } = await runCli(['explain', message]);
    expect(code).toBe(0);
    for (const part of ['dns-failure', 'registry-1.docker.io', 'web:1', 'containerd']) expect(stdout).toContain(part);
  });

  it('says what may be the cause, what can be done, and where to go on', async () => {
    const { stdout } = await runCli(['explain', message]);
    expect(stdout).toContain('Cause   dns-failure');
    expect(stdout).toMatch(/Fix {5}Ask the node's resolver for the name\./);
    expect(stdout).toContain('imagepull diagnose NAMESPACE/POD');
    expect(stdout).toContain('imagepull explain --cause dns-failure');
    const open = (
      await runCli([
        'explain',
        'Failed to pull image "registry.example/shop/web:1": failed to resolve image: registry.example/shop/web:1: not found',
      ])
    ).stdout.replace(/\s+/g, ' ');
    expect(open).toContain('Cause one of tag-not-found and repository-not-found');
    expect(open).toContain('Fix if tag-not-found: Point the workload at a tag or digest that exists. if repository-not-found: ');
  });

  it('says of a piece of a message what it would mean, and where that is explained', async () => {
    const { stdout } = await runCli(['explain', 'x509: certificate signed by unknown authority']);
    expect(stdout).toContain('If so   tls-untrusted');
    expect(stdout).toContain('imagepull explain --cause tls-untrusted');
    expect(stdout).not.toContain('undetermined');
    expect(stdout).not.toContain('Said by');
  });

  it('prints all of it as one JSON document as well', async () => {
    const { stdout } = await runCli(['explain', '-o', 'json'], { stdin: `${message}\nError: ErrImageNeverPull\n` });
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      messages: [
        {
          symptom: 'dns-failure',
          causes: [{ cause: 'dns-failure', confidence: 'likely', fixes: [expect.any(String), expect.any(String)] }],
          next: ['imagepull diagnose NAMESPACE/POD', 'imagepull explain --cause dns-failure'],
        },
        { symptom: 'pull-never' },
      ],
    });
  });

  it('prints the page on a cause', async () => {
    expect(await runCli(['explain', '--cause', 'dns-failure'])).toEqual({
      code: 0,
      stdout: await readFile('docs/causes/dns-failure.md', 'utf8'),
      stderr: '',
    });
    expect((await runCli(['explain', '--cause', 'undetermined'])).stdout).toMatch(/^# undetermined/);
  });

  it('prints one JSON object a line in the order of its input, with the promised fields', async () => {
    const { stdout } = await runCli(['explain', '--json'], { stdin: `${message}\n\nError: ErrImageNeverPull\r\n` });
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers.map((answer) => answer['symptom'])).toEqual(['dns-failure', 'unknown', 'pull-never']);
    expect(Object.keys(answers[0] ?? {})).toEqual(['symptom', 'image', 'host', 'httpStatus', 'runtime', 'rule', 'summary', 'pullError']);
  });

  it('takes blank lines for no messages where a person asks', async () => {
    const { stdout } = await runCli(['explain', '-o', 'json'], { stdin: '\n\n  \nno space left on device\n\n' });
    expect(JSON.parse(stdout).messages).toHaveLength(1);
    expectRefusal(await runCli(['explain'], { stdin: '\n \n' }), 2, 'are blank');
  });

  it('does not wait for what is no regular file', async () => {
    expectRefusal(await runCli(['serve', '--config', '/dev/zero']), 2, 'is no regular file');
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-'));
    await symlink('/dev/zero', join(folder, 'pod.json'));
    expectRefusal(await runCli(['replay', folder]), 2, 'is no regular file');
    await rm(folder, { recursive: true });
  });

  it('refuses what is no list of messages', async () => {
    expectRefusal(await runCli(['explain']), 2, 'standard input is empty');
    expectRefusal(await runCli(['explain'], { stdin: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]) }), 2, 'is not UTF-8 text');
    expectRefusal(await runCli(['explain'], { stdin: Buffer.from([0xff, 0xfe, 0x41]) }), 2, 'is not UTF-8 text');
    expectRefusal(await runCli(['explain', '--json'], { stdin: 'a'.repeat(10 * 1024 * 1024) }), 2, 'larger than 8 MiB');
  });

  it('prints no secret of the message and no control character', async () => {
    const { stdout } = await runCli([
      'explain',
      `Failed to pull image "x\u001b[2J": Get "https://u:canary@r.example/v2/?token=canary": EOF`,
    ]);
    expect(stdout).not.toContain('canary');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('imagepull capture and replay', () => {
  it('record a pod and diagnose it again with the same result', async () => {
    const target = join(folder, 'recorded');
    const captured = await runCli(['capture', POD, target, '--kubeconfig', kubeconfig]);
    expect(captured).toMatchObject({ code: 0, stderr: '' });
    expect(captured.stdout).toContain(`imagepull replay ${target}`);
    expect((await readdir(target)).sort()).toEqual([
      'answers.json',
      'events.json',
      'nodes.json',
      'pod.json',
      'pods.json',
      'recording.json',
      'secrets.json',
      'serviceaccounts.json',
    ]);
    const pod = join(target, 'pod.json');
    await writeFile(pod, `\ufeff${await readFile(pod, 'utf8')}`);
    const replayed = JSON.parse((await runCli(['replay', target, '-o', 'json'])).stdout) as Report;
    const live = JSON.parse((await runCli(['diagnose', POD, '--kubeconfig', kubeconfig, '-o', 'json'])).stdout) as Report;
    expect(replayed.verdict).toEqual(live.verdict);
    expect(replayed.scope).toEqual(live.scope);
    for (const file of await readdir(target)) expect(await readFile(join(target, file), 'utf8')).not.toContain('canary');
    expectRefusal(await runCli(['capture', POD, target, '--kubeconfig', kubeconfig]), 2, 'is not empty');
  });

  it('refuse a folder that holds no recording, a broken one and a newer one', async () => {
    expectRefusal(await runCli(['replay', '/nonexistent']), 2, 'there is no such folder');
    expectRefusal(await runCli(['replay', 'package.json']), 2, 'it is a file, not a folder');
    expectRefusal(await runCli(['replay', 'src']), 2, 'there is no pod.json');
    const broken = await mkdtemp(join(folder, 'broken-'));
    await writeFile(join(broken, 'pod.json'), '{"metadata":');
    await writeFile(join(broken, 'events.json'), '{}');
    expectRefusal(await runCli(['replay', broken]), 2, 'pod.json of the recording is not JSON');
    await writeFile(join(broken, 'recording.json'), '{"version":99}');
    expectRefusal(await runCli(['replay', broken]), 2, 'version 99', 'Use a newer imagepull');
  });
});

describe('the command line', () => {
  it('offers the nearest command and option for a mistyped one', async () => {
    expectRefusal(await runCli(['diagnos', POD]), 2, "unknown command 'diagnos'", 'diagnose');
    expectRefusal(await runCli(['diagnose', POD, '--contxt', 'x']), 2, "unknown option '--contxt'", '--context');
    expectRefusal(await runCli(['replay', 'x', '-o', 'yaml']), 2, 'text, json, markdown');
    expectRefusal(await runCli(['scan', '-A', '-n', 'lab']), 2, 'cannot be used with');
    expectRefusal(await runCli(['diagnose']), 2, 'Name a pod or a workload, for example shop/web-0 or deploy/web');
  });

  it('prints help and version on standard output', async () => {
    expect(await runCli(['--version'])).toMatchObject({
      code: 0,
      stdout: `${(JSON.parse(await readFile('package.json', 'utf8')) as { version: string }).version}\n`,
    });
    const help = await runCli(['--help']);
    expect(help.code).toBe(0);
    for (const command of ['diagnose', 'scan', 'explain', 'replay', 'capture']) expect(help.stdout).toContain(command);
  });

  it('shows how to use it when it is called with nothing', async () => {
    const result = await runCli([]);
    expect(result.code).toBe(2);
    expect(result.stderr + result.stdout).toContain('Usage: imagepull');
  });
});
