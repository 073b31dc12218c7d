import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { describeApi } from '../support/api-contract.ts';
import { type OwnNamespace, ownNamespace } from './cluster.ts';

let own: OwnNamespace;
let proxy: ChildProcess;
let url: string;
let server: string;
beforeAll(async () => {
  own = await ownNamespace();
  const kubectl = process.env['KUBECTL'] ?? 'kubectl';
  const view = await promisify(execFile)(kubectl, [
    '--kubeconfig',
    own.kubeconfig,
    'config',
    'view',
    '--minify',
    '-o',
    'jsonpath={.clusters[0].cluster.server}',
  ]);
  server = view.stdout;
  // --reject-methods would keep it from writing; it listens on loopback alone.
  proxy = spawn(kubectl, ['--kubeconfig', own.kubeconfig, 'proxy', '--port=0', '--reject-methods=^$'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(proxy.stdout ?? proxy, 'data')) as [Buffer];
  url = `http://${/[0-9.]+:[0-9]+/.exec(line.toString())?.[0]}`;
});
afterAll(async () => {
  proxy.kill();
  await own.remove();
});

/** The status for a token that nobody has. What the server's certificate says matters to nobody here. */
async function strangerStatus(): Promise<number> {
  const asked = request(`${server}/api/v1/pods`, { headers: { authorization: 'Bearer nobody' }, rejectUnauthorized: false }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

describeApi('the API server of a real cluster', () => ({ url, namespace: own.name, strangerStatus, compact: () => undefined }));
