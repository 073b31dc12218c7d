import { describe, expect, it } from 'vitest';
import { listPullFailures } from '../../src/steps/list-pull-failures.ts';
import { podObject } from '../support/objects.ts';
import { probeContext } from '../support/probe-context.ts';

const IMAGE = 'registry.example/shop/web:1';
const NOT_FOUND = `Back-off pulling image "${IMAGE}": ErrImagePull: https://u:canary-password@registry.example: ${IMAGE}: not found`;
const busy = podObject({ waiting: { reason: 'ErrImagePull', message: 'pull QPS exceeded' } });

async function findingsBeside(sibling: Parameters<typeof podObject>[0], pod = busy) {
  const pods = [pod, podObject({ name: 'web-1', ...sibling })];
  const { findings } = await listPullFailures(probeContext(pod, { recording: { pods } }));
  return findings;
}

describe('a message that hides the cause', () => {
  it('is explained by a pod that wants the same image, with its message as evidence and without its secrets', async () => {
    const findings = await findingsBeside({ waiting: { reason: 'ImagePullBackOff', message: NOT_FOUND } });
    expect(findings).toMatchObject([
      {
        code: 'pull-error/tag-not-found',
        says: 'Pod shop/web-1 wants the same image and fails with tag-not-found.',
        container: 'app',
        indirect: true,
        evidence: [{ source: 'pod-list', text: NOT_FOUND.replace('u:canary-password', '[redacted]') }],
      },
    ]);
  });

  it('is not explained by a pod that wants another image, or that hides the cause as well', async () => {
    expect(await findingsBeside({ image: 'registry.example/other:1', waiting: { reason: 'ErrImagePull', message: NOT_FOUND } })).toEqual(
      [],
    );
    expect(await findingsBeside({ waiting: { reason: 'ErrImagePull', message: 'pull QPS exceeded' } })).toEqual([]);
  });
});

it('adds nothing where the own message names the cause', async () => {
  const clear = podObject({ waiting: { reason: 'ErrImagePull', message: NOT_FOUND } });
  expect(await findingsBeside({ waiting: { reason: 'ErrImagePull', message: NOT_FOUND } }, clear)).toEqual([]);
});
