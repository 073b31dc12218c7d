import { describe, expect, it } from 'vitest';
import { conditionFindings } from '../../../src/diagnosis/node/node-findings.ts';
import { nodeObject } from '../../support/objects.ts';

describe('the service that a node’s runtime runs as', () => {
  it.each([
    ['linux', 'containerd://2.1.4', 'containerd'],
    ['linux', 'cri-o://1.33.0', 'crio'],
    ['linux', 'docker://28.2.2', 'docker'],
    ['linux', 'containerd://2.0.5-k3s1', undefined],
    ['linux', 'frakti://1', undefined],
    ['windows', 'containerd://2.1.4', undefined],
  ])('on %s with %s is %s', (operatingSystem, containerRuntimeVersion, wanted) => {
    const node = nodeObject({ status: { nodeInfo: { operatingSystem, architecture: 'amd64', containerRuntimeVersion } } });
    const platform = conditionFindings(node, new Date(0)).find(({ code }) => code === 'node/platform');
    expect(platform?.names?.runtime).toBe(wanted);
  });
});
