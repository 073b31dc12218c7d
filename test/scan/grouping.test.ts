import { describe, expect, it } from 'vitest';
import { groupFailures } from '../../src/scan/grouping.ts';
import { eventObject, podObject } from '../support/objects.ts';
import { catalogue, classify } from '../support/rules.ts';

const given = { catalogue, classify, now: new Date('2026-03-01T10:10:00Z'), cluster: 'test' };
const failing = (name: string, reason: string, message: string, more: Parameters<typeof podObject>[0] = {}) =>
  podObject({ name, waiting: { reason, message }, ...more });
const NOT_FOUND = 'failed to resolve image: registry.example/shop/web:1: not found';

describe('one group a root cause', () => {
  it('holds all pods that want the missing image, whatever word the kubelet uses at the moment', async () => {
    const groups = await groupFailures(
      [
        failing('a', 'ErrImagePull', NOT_FOUND),
        failing('b', 'ImagePullBackOff', `Back-off pulling image "registry.example/shop/web:1": ErrImagePull: ${NOT_FOUND}`),
      ],
      [],
      given,
    );
    expect(groups).toMatchObject([{ cause: 'tag-not-found', containers: [{ pod: 'a' }, { pod: 'b' }] }]);
  });

  it('holds all images of a registry that is down, but keeps a full disk apart for each node', async () => {
    const down = (name: string, image: string) =>
      failing(
        name,
        'ErrImagePull',
        `unexpected status from HEAD request to https://registry.example/v2/x/manifests/1: 503 Service Unavailable`,
        { image },
      );
    const full = (name: string, node: string) => failing(name, 'ErrImagePull', 'write /var/lib/x: no space left on device', { node });
    const groups = await groupFailures(
      [down('a', 'registry.example/x:1'), down('b', 'registry.example/y:2'), full('c', 'node-1'), full('d', 'node-2'), full('e', 'node-2')],
      [],
      given,
    );
    expect(groups.map((group) => [group.cause, group.containers.length])).toEqual([
      ['disk-full', 2],
      ['registry-unavailable', 2],
      ['disk-full', 1],
    ]);
  });

  it('names the pull secret that all of its pods lack, and keeps pods apart that lack different ones', async () => {
    const rows = catalogue.causes.map((cause) =>
      cause.id === 'secret-not-found' ? { ...cause, title: 'There is no {secret}', titles: [] } : cause,
    );
    const lacking = (name: string, secret: string) =>
      failing(name, 'ErrImagePull', 'unexpected status from GET request to https://auth.example/token: 401 Unauthorized', {
        pullSecrets: ['healthy', secret],
      });
    const told = (name: string, secret: string) =>
      eventObject({
        reason: 'FailedToRetrieveImagePullSecret',
        message: `Unable to retrieve some image pull secrets (${secret}); attempting to pull the image may not succeed.`,
        fieldPath: null,
        uid: `uid-${name}`,
      });
    const titles = async (second: string) =>
      (
        await groupFailures([lacking('a', 'regcred'), lacking('b', second)], [told('a', 'regcred'), told('b', second)], {
          ...given,
          catalogue: { ...catalogue, causes: rows },
        })
      ).map(({ title }) => title);
    expect(await titles('regcred')).toEqual(['There is no regcred']);
    expect(await titles('other')).toEqual(['There is no other', 'There is no regcred']);
  });

  it('looks into events where the status hides the cause', async () => {
    const pod = failing('web-0', 'ImagePullBackOff', 'Back-off pulling image "registry.example/shop/web:1"');
    const events = [eventObject({ reason: 'Failed', message: `Failed to pull image "registry.example/shop/web:1": ${NOT_FOUND}` })];
    expect((await groupFailures([pod], [], given))[0]?.cause).toBe('undetermined');
    expect((await groupFailures([pod], events, given))[0]?.cause).toBe('tag-not-found');
  });

  it('leaves out pods whose images are there', async () => {
    expect(
      await groupFailures(
        [podObject({ running: true }), failing('x', 'CrashLoopBackOff', 'back-off restarting failed container')],
        [],
        given,
      ),
    ).toEqual([]);
  });
});
