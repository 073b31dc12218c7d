import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { runCli } from '../../support/run-cli.ts';
import { deployment, type OwnNamespace, ownNamespace } from '../cluster.ts';
import { pushProgramImage } from '../program-image.ts';

const PATIENCE_MS = 120_000;

let own: OwnNamespace;
let image: string;
beforeAll(async () => {
  [own, image] = await Promise.all([ownNamespace(), pushProgramImage()]);
}, PATIENCE_MS);
afterAll(() => own?.remove());

describe('imagepull diagnose --node-probe', () => {
  it('confirms from the node what the message says, with the rights of whoever asks, and leaves no pod', async () => {
    await own.kubectl('label', 'namespace', own.name, 'pod-security.kubernetes.io/enforce=privileged');
    await own.apply(deployment('web', '127.0.0.1:1/imagepull/none:1'));
    await eventually(async () => expect(await own.kubectl('get', 'pods')).toMatch(/ErrImagePull|ImagePullBackOff/), PATIENCE_MS);
    const args = [
      'diagnose',
      '-n',
      own.name,
      'deploy/web',
      '--kubelet',
      'apiserver-proxy',
      '--no-registry',
      '--allow-loopback',
      '-o',
      'json',
    ];
    const probe = ['--node-probe', '--node-image', image, '--node-namespace', own.name, '--yes'];
    const env = { KUBECONFIG: own.kubeconfig };
    const without = await runCli(args, { env });
    const { code, stdout, stderr } = await runCli([...args, ...probe], { env });
    const verdict = (text: string) => (JSON.parse(text) as { verdict: { cause: string; confidence: string } }).verdict;
    expect([code, verdict(without.stdout).confidence]).toEqual([0, 'likely']);
    expect(verdict(stdout)).toMatchObject({ cause: 'connection-refused', confidence: 'confirmed' });
    expect(stderr).not.toContain('Not seen from');
    await eventually(async () => expect(await own.kubectl('get', 'pods', '-o', 'name')).not.toContain('imagepull-probe'), PATIENCE_MS);
  });
});
