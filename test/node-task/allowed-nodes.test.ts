import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/cluster/writing/object-writer.ts';
import { whyNotOn } from '../../src/node-task/allowed-nodes.ts';

const node = (name: string, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
  metadata: { name, uid: '1', resourceVersion: '1', labels },
});
const WORKERS = { names: ['node-*'], controlPlane: false };

describe('the nodes that tasks may run on', () => {
  it.each([
    [node('node-7'), WORKERS, undefined],
    [node('other'), WORKERS, /none of the nodes/],
    [node('node-1', { 'node-role.kubernetes.io/control-plane': '' }), WORKERS, /control plane/],
    [node('node-1', { 'node-role.kubernetes.io/control-plane': '' }), { ...WORKERS, controlPlane: true }, undefined],
    [node('node-9', { 'kubernetes.io/os': 'windows' }), WORKERS, /Linux/],
  ])('%j', (given, allowed, because) => {
    const said = whyNotOn(given, allowed);
    if (because === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(because);
  });
});
