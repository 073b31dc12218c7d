import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import { StatsSummary } from '../../src/facts/kubernetes/kubelet-reading.ts';
import { Node, type Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { readNode } from '../../src/steps/read-node.ts';
import { podObject } from '../support/objects.ts';
import { probeContext, silentKubelet } from '../support/probe-context.ts';

const GB = 1_000_000_000;
const IMAGE = 'registry.example/shop/web:1';
const fs = (available: number, inodesFree = 500) => ({ availableBytes: available, capacityBytes: 100 * GB, inodesFree, inodes: 1000 });
const stats = (nodefs = fs(60 * GB), imageFs = nodefs) =>
  StatsSummary.parse({ node: { fs: nodefs, runtime: { imageFs, containerFs: nodefs } } });
const nodeOf = (status: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) =>
  Node.parse({
    metadata: { name: 'node-1' },
    spec,
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: {
        operatingSystem: 'linux',
        architecture: 'amd64',
        kubeletVersion: 'v1.36.2',
        containerRuntimeVersion: 'containerd://2.1.9',
      },
      images: [],
      ...status,
    },
  });

async function look(given: { node?: Node; stats?: StatsSummary | CodedError; pods?: readonly Pod[]; podsComplete?: boolean } = {}) {
  const pod = podObject({ image: IMAGE, waiting: { reason: 'ErrImagePull', message: 'x' } });
  const readStats = async () => {
    const answer = given.stats ?? stats();
    if (answer instanceof CodedError) throw answer;
    return answer;
  };
  const recording = { nodes: [given.node ?? nodeOf()], pods: [pod, ...(given.pods ?? [])], podsComplete: given.podsComplete ?? true };
  const result = await readNode(probeContext(pod, { recording, kubelet: silentKubelet({ readStats }) }));
  return {
    ...result,
    codes: result.findings.map(({ code }) => code),
    says: (code: string) => result.findings.find((finding) => finding.code === code)?.says,
  };
}

describe('a node', () => {
  it('that is well has room and tells its platform', async () => {
    const { codes, says, imageSpace, imageCapacity, shortfall } = await look();
    expect(codes).toEqual(['node/ready', 'node/platform', 'node/disk-room', 'node/image-absent']);
    expect(says('node/disk-room')).toBe(
      'node-1 has room on its disks now: nodefs 60.0 GB of 100 GB free (60 %), imagefs 60.0 GB of 100 GB free (60 %) and containerfs 60.0 GB of 100 GB free (60 %).',
    );
    expect([imageSpace, imageCapacity, shortfall]).toEqual([60 * GB, 100 * GB, undefined]);
  });

  it('may be under pressure, not ready, without network or cordoned', async () => {
    const conditions = [
      { type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: '2026-03-01T10:00:00Z' },
      { type: 'DiskPressure', status: 'True', message: 'kubelet has disk pressure', lastTransitionTime: '2026-03-01T10:05:00Z' },
      { type: 'NetworkUnavailable', status: 'True' },
    ];
    const { codes, says } = await look({
      node: nodeOf({ conditions }, { unschedulable: true, taints: [{ key: 'dedicated', effect: 'NoSchedule' }] }),
    });
    expect(codes.slice(0, 4)).toEqual(['node/not-ready', 'node/disk-pressure', 'node/network-unavailable', 'node/unschedulable']);
    expect(says('node/not-ready')).toBe('node-1 is not ready for 10 min: Kubelet stopped posting node status.');
    expect(says('node/disk-pressure')).toBe('node-1 reports DiskPressure for 5 min: kubelet has disk pressure.');
  });

  it.each([
    [
      'imagefs below its threshold',
      stats(fs(60 * GB), fs(14 * GB)),
      'node/disk-full',
      'imagefs (images) has 14.0 GB of 100 GB free (14 %)',
    ],
    [
      'nodefs below its threshold',
      stats(fs(9 * GB), fs(60 * GB)),
      'node/disk-full',
      'nodefs (logs, emptyDir volumes) has 9.0 GB of 100 GB free (9.0 %)',
    ],
    ['few inodes', stats(fs(60 * GB, 30)), 'node/inodes-short', '3.0 % of its inodes free'],
  ])('with %s is short of it', async (_, summary, code, text) => {
    const { says, codes } = await look({ stats: summary });
    expect(says(code)).toContain(text);
    expect(codes).not.toContain('node/disk-room');
  });

  it('whose kubelet does not know its disks says nothing of them', async () => {
    expect((await look({ stats: StatsSummary.parse({ node: {} }) })).codes).not.toContain('node/disk-room');
  });

  it('has the image, or another tag of its repository, or neither', async () => {
    const images = (...names: string[]) => nodeOf({ images: [{ names, sizeBytes: 20_000_000 }] });
    expect((await look({ node: images(IMAGE) })).says('node/image-present')).toContain(`node-1 already has ${IMAGE} (20.0 MB).`);
    expect((await look({ node: images('registry.example/shop/web:0.9') })).says('node/repository-present')).toBeUndefined();
    const sibling = await look({ node: images('registry.example/shop/web@sha256:9', 'registry.example/shop/web:0.9') });
    expect(sibling.says('node/repository-present')).toContain(
      'has registry.example/shop/web:0.9, so the repository registry.example/shop/web exists',
    );
    const full = nodeOf({ images: Array.from({ length: 50 }, (_, n) => ({ names: [`x:${n}`], sizeBytes: 1 })) });
    expect((await look({ node: full })).says('node/image-absent')).toContain('It lists only so many images');
  });

  it('counts as unused what no pod on it names, each image once', async () => {
    const node = nodeOf({
      images: [
        { names: ['docker.io/library/nginx@sha256:1', 'docker.io/library/nginx:1'], sizeBytes: 50_000_000 },
        { names: ['old.example/a@sha256:2', 'old.example/a:1'], sizeBytes: 70_000_000 },
        { names: ['registry.k8s.io/pause:3.10'], sizeBytes: 300_000 },
      ],
    });
    const nginx = podObject({ name: 'nginx', image: 'nginx:1', running: true });
    expect((await look({ node, pods: [nginx] })).says('node/unused-images')).toBe(
      'node-1 has 1 image that no pod on it uses, 70.0 MB in all; the largest: old.example/a:1 (70.0 MB).',
    );
    // Where not all pods are known, nobody can say what is unused.
    expect((await look({ node, pods: [nginx], podsComplete: false })).says('node/unused-images')).toBeUndefined();
  });

  it('is told from what could be read, with the rule for the rest', async () => {
    const { codes, shortfall } = await look({ stats: new CodedError('kubelet/forbidden', 'needs nodes/stats') });
    expect(codes).toContain('node/ready');
    expect(shortfall).toBe('needs nodes/stats');
  });
});
