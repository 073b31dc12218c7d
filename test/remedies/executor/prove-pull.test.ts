import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../src/errors.ts';
import { provePull } from '../../../src/executor/prove-pull.ts';
import type { ManifestAnswer } from '../../../src/facts/registry-answer.ts';
import { createRecordedSources } from '../../../src/recording/recorded-world.ts';
import { recordingOf } from '../../support/diagnosis.ts';
import { nodeObject, podObject } from '../../support/objects.ts';

const IMAGE = 'registry.example/shop/web:1';
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** What comes of the question where the registry has an index for one platform, and node-1 is as given. */
function proof(node: 'amd64' | CodedError, architecture: string) {
  const recorded = createRecordedSources(recordingOf(podObject({ image: IMAGE })));
  const content = {
    kind: 'index',
    members: [
      { digest: DIGEST, mediaType: 'application/vnd.oci.image.manifest.v1+json', bytes: 1, platform: { os: 'linux', architecture } },
    ],
  } as const;
  const found: ManifestAnswer = { status: 'found', digest: DIGEST, content, requests: 1, milliseconds: 1 };
  const sources = {
    ...recorded,
    cluster: {
      ...recorded.cluster,
      readNode: async () => {
        if (node instanceof CodedError) throw node;
        return nodeObject({ name: 'node-1' });
      },
    },
    registry: { ...recorded.registry, askManifest: async () => found },
  };
  return provePull({ image: IMAGE, namespace: 'shop', pullSecrets: [], node: 'node-1' }, { sources, mayReadSecrets: true });
}

describe('whether an image can be pulled', () => {
  it('is no where it is built for other platforms than the node has, and yes where it is built for that', async () => {
    expect(await proof('amd64', 'arm64')).toMatchObject({ status: 'refused', says: `${IMAGE} is not built for linux/amd64.` });
    expect(await proof('amd64', 'amd64')).toEqual({
      status: 'pullable',
      digest: DIGEST,
      notChecked: ['The registry was asked from here, not from the nodes.'],
    });
  });

  it.each(['cluster/forbidden', 'cluster/not-found'] as const)(
    'is yes where the node is not to be read (%s), and the plan says what was not checked',
    async (code) => {
      expect(await proof(new CodedError(code, 'no'), 'arm64')).toMatchObject({
        status: 'pullable',
        notChecked: ['The registry was asked from here, not from the nodes.', `Whether ${IMAGE} is built for the nodes' platform.`],
      });
    },
  );

  it('is not known where the cluster did not answer', async () => {
    expect(await proof(new CodedError('cluster/unavailable', 'It is busy.'), 'amd64')).toEqual({
      status: 'unknown',
      says: `Whether ${IMAGE} can be pulled is not known: It is busy.`,
    });
  });
});
