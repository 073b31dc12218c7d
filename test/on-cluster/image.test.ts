import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type OwnNamespace, ownNamespace } from './cluster.ts';
import { pushProgramImage } from './program-image.ts';

const PATIENCE_MS = 180_000;

let own: OwnNamespace;
let image: string;
beforeAll(async () => {
  [own, image] = await Promise.all([ownNamespace(), pushProgramImage()]);
}, PATIENCE_MS);
afterAll(() => own?.remove());

describe('the image made of local files', () => {
  it('runs on every node as nobody, with a root that is read-only and at Pod Security level restricted', async () => {
    await own.kubectl('label', 'namespace', own.name, 'pod-security.kubernetes.io/enforce=restricted');
    const nodes = (await own.kubectl('get', 'nodes', '-o', 'name')).trim().split('\n');
    const pods = nodes.map((name) => podOn(name.replace('node/', '')));
    await own.apply(...pods);
    for (const { metadata } of pods) {
      await eventually(
        async () => expect(await own.kubectl('get', 'pod', metadata.name, '-o', 'jsonpath={.status.phase}')).toBe('Succeeded'),
        PATIENCE_MS,
      );
      expect(await own.kubectl('logs', metadata.name)).toMatch(/^pull-qps\n/);
    }
  });
});

function podOn(node: string) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `explain-on-${node}` },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'explain',
          image,
          args: ['explain', 'Failed to pull image "web:1": pull QPS exceeded'],
          securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
