import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeFromNode } from '../../src/app/node-probe.ts';
import { sightingsOf } from '../../src/diagnosis/finding.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import type { Run } from '../../src/runbook/run.ts';
import { diagnoseRecording } from '../support/diagnosis.ts';
import { eventually } from '../support/eventually.ts';
import { type RemedyCluster, remedyCluster } from '../support/remedy-cluster.ts';

const NAMESPACE = 'imagepull-node';
const HOST = 'registry.invalid.example';
const RUNTIME = { status: 'failed', code: 'node/unreachable', because: 'nobody' };
const WAY = {
  host: HOST,
  port: 443,
  addresses: [],
  problem: 'dns-failure',
  dns: { status: 'failed', because: 'ENOTFOUND', milliseconds: 4 },
};

let run: Run;
let cluster: RemedyCluster;
let printed: object;
beforeEach(async () => {
  run = await diagnoseRecording(await readRecordingFolder('test/cases/dns-failure'));
  const node = {
    kind: 'Node',
    metadata: { name: run.target.node ?? '' },
    status: { nodeInfo: { containerRuntimeVersion: 'containerd://2' } },
  };
  printed = {
    schemaVersion: 1,
    at: '2026-03-01T10:00:00Z',
    kind: 'probe',
    image: `${HOST}/web:1`,
    registry: HOST,
    runtime: RUNTIME,
    ways: [{ of: 'registry', url: `https://${HOST}`, endpoint: WAY }],
    proxies: [],
    configuration: [],
    filesystems: [],
  };
  cluster = await remedyCluster([node, { kind: 'Namespace', metadata: { name: NAMESPACE } }], {
    intercept(request, response) {
      if (!/\/pods\/[^/]+\/log$/.test(request.url ?? '')) return false;
      response.writeHead(200, { 'content-type': 'text/plain' }).end(`${JSON.stringify(printed)}\n`);
      return true;
    },
  });
});
afterEach(() => cluster.stop());

const probe = (of = run) =>
  probeFromNode(of, {
    objects: cluster.writer,
    place: { namespace: NAMESPACE, image: 'registry.example/imagepull@sha256:0' },
    allowLoopback: false,
    now: () => new Date(),
    signal: new AbortController().signal,
  });

/** Plays the kubelet: gives the first pod a status. */
async function kubelet(status: object): Promise<void> {
  await eventually(async () => {
    const [pod] = await cluster.writer.list({ kind: 'Pod', namespace: NAMESPACE });
    if (!pod) throw new Error('there is no pod');
    const stored = cluster.get('Pod', pod.metadata.name, NAMESPACE);
    if (stored) cluster.put({ ...stored, kind: 'Pod', status });
  });
}

describe('a look from the node after a diagnosis', () => {
  it('is judged with all that was found before', async () => {
    const result = probe();
    await kubelet({ containerStatuses: [{ state: { terminated: { exitCode: 0 } } }] });
    const { run: judged, because } = await result;
    expect(because).toBeUndefined();
    expect(sightingsOf(judged.findings).has('endpoint/dns-failure@node')).toBe(true);
    expect(judged.findings.length).toBeGreaterThan(run.findings.length);
    expect(judged.conclusion?.verdict).toMatchObject({ cause: 'dns-failure', confidence: 'confirmed' });
  });

  it('leaves the verdict as it was where it could not be done, and says why', async () => {
    const result = probe();
    await kubelet({ containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no such host' } } }] });
    expect(await result).toEqual({
      run,
      because: expect.stringMatching(/could not pull registry\.example\/imagepull.* either.*no such host/),
    });
  });

  it('makes no pod for one that is on no node', async () => {
    const { node, ...target } = run.target;
    expect(node).toBeTypeOf('string');
    expect(await probe({ ...run, target })).toMatchObject({ because: 'The pod is on no node yet.' });
    expect(cluster.server.requests.some((request) => request.startsWith('POST'))).toBe(false);
  });
});
