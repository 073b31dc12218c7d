import { describe, expect, it } from 'vitest';
import { targetOf } from '../../../src/diagnosis/pod/pod.ts';
import { pullHistory } from '../../../src/diagnosis/pod/pull-history.ts';
import type { Event, Pod } from '../../../src/facts/kubernetes/kubernetes-object.ts';
import { eventObject, podObject } from '../../support/objects.ts';
import { classify } from '../../support/rules.ts';

const now = new Date('2026-03-01T10:10:00Z');
const IMAGE = 'registry.example/shop/web:1';
const NOT_FOUND = `Failed to pull image "${IMAGE}": failed to resolve image: ${IMAGE}: not found`;
const QPS = `Failed to pull image "${IMAGE}": pull QPS exceeded`;
const backOff = { reason: 'ImagePullBackOff', message: `Back-off pulling image "${IMAGE}"` };
const history = (pod: Pod, events: readonly Event[]) => pullHistory(targetOf(pod, { cluster: 'test' }), events, classify, now);
const codes = (pod: Pod, events: readonly Event[]) => history(pod, events).findings.map((finding) => finding.code);

describe('why an image fails', () => {
  it('is read from the events of its own container', () => {
    const events = [
      eventObject({ reason: 'Failed', message: NOT_FOUND }),
      eventObject({
        reason: 'Failed',
        message: 'Failed to pull image "x": x509: certificate signed by unknown authority',
        fieldPath: 'spec.containers{other}',
      }),
    ];
    expect(history(podObject({ waiting: backOff }), events).failures).toMatchObject([
      { container: 'app', error: { symptom: 'tag-not-found' } },
    ]);
  });

  it('is an older event when the newest only says that the kubelet was too busy', () => {
    const events = [
      eventObject({ reason: 'Failed', message: NOT_FOUND, last: '2026-03-01T10:01:00Z' }),
      eventObject({ reason: 'Failed', message: QPS, last: '2026-03-01T10:09:00Z' }),
    ];
    const pod = podObject({
      waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${IMAGE}": ErrImagePull: pull QPS exceeded` },
    });
    expect(history(pod, events).failures[0]?.error.symptom).toBe('tag-not-found');
  });

  it('is an error nobody knows rather than a full queue', () => {
    const events = [
      eventObject({ reason: 'Failed', message: QPS }),
      eventObject({ reason: 'Failed', message: `Failed to pull image "${IMAGE}": the flux capacitor is empty` }),
    ];
    expect(history(podObject({ waiting: backOff }), events).failures[0]).toMatchObject({
      error: { symptom: 'unknown' },
      message: expect.stringContaining('flux'),
    });
  });

  it('is read from the status when the events are gone, and that is said', () => {
    const pod = podObject({
      waiting: {
        reason: 'ImagePullBackOff',
        message: `Back-off pulling image "${IMAGE}": ErrImagePull: failed to resolve image: ${IMAGE}: not found`,
      },
    });
    const result = history(pod, [eventObject({ reason: 'BackOff', message: `Back-off pulling image "${IMAGE}"` })]);
    expect(result.failures[0]?.error.symptom).toBe('tag-not-found');
    expect(result.shortfall).toContain('The events about app are gone');
  });

  it('is not an event from before the image was last pulled', () => {
    const events = [
      eventObject({ reason: 'Failed', message: NOT_FOUND, last: '2026-03-01T10:01:00Z' }),
      eventObject({ reason: 'Pulled', message: 'Successfully pulled image', last: '2026-03-01T10:02:00Z' }),
    ];
    const pod = podObject({
      waiting: { reason: 'ErrImagePull', message: 'dial tcp: lookup registry.example on 10.0.0.1:53: no such host' },
    });
    expect(history(pod, events).failures[0]?.error.symptom).toBe('dns-failure');
    expect(history(podObject({ running: true }), events).failures).toEqual([]);
    const busy = podObject({ waiting: { reason: 'ErrImagePull', message: 'pull QPS exceeded' } });
    expect(history(busy, events).failures[0]?.error.symptom).toBe('pull-qps');
  });

  it('is the back-off of a crash for nobody', () => {
    const pod = podObject({
      waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' },
      status: { phase: 'Running' },
    });
    expect(history(pod, [eventObject({ reason: 'BackOff', message: 'Back-off restarting failed container app' })]).failures).toEqual([]);
  });

  it.each([
    ['initContainers', 'initContainerStatuses', 'spec.initContainers', {}, 'init container'],
    ['initContainers', 'initContainerStatuses', 'spec.initContainers', { restartPolicy: 'Always' }, 'sidecar'],
    ['ephemeralContainers', 'ephemeralContainerStatuses', 'spec.ephemeralContainers', {}, 'ephemeral container'],
  ])('is found in %s', (spec, status, field, extra, kind) => {
    const pod = podObject({
      running: true,
      spec: { [spec]: [{ name: 'side', image: IMAGE, ...extra }] },
      status: { phase: 'Pending', [status]: [{ name: 'side', state: { waiting: backOff } }] },
    });
    const target = targetOf(pod, { cluster: 'test' });
    expect(target.images.find((image) => image.name === 'side')?.kind).toBe(kind);
    expect(
      pullHistory(target, [eventObject({ reason: 'Failed', message: NOT_FOUND, fieldPath: `${field}{side}` })], classify, now).failures,
    ).toMatchObject([{ container: 'side' }]);
  });

  it("belongs to an image volume when the waiting container's message names the volume's image", () => {
    const volume = 'registry.example/models/llm:7';
    const message = `Failed to pull image "${volume}": failed to resolve image: ${volume}: not found`;
    const pod = podObject({
      waiting: {
        reason: 'ImagePullBackOff',
        message: `Back-off pulling image "${volume}": ErrImagePull: failed to resolve image: ${volume}: not found`,
      },
      spec: { volumes: [{ name: 'model', image: { reference: volume, pullPolicy: 'Always' } }] },
    });
    const result = history(pod, [eventObject({ reason: 'Failed', message, fieldPath: null })]);
    expect(result.failures).toMatchObject([{ container: 'model', error: { symptom: 'tag-not-found', image: volume } }]);
    expect(result.shortfall).toBeUndefined();
  });
});

describe('the secret that the kubelet could not read', () => {
  const named = (listed: string) =>
    history(podObject({ waiting: backOff, pullSecrets: ['healthy', 'regcred', 'other'] }), [
      eventObject({
        reason: 'FailedToRetrieveImagePullSecret',
        message: `Unable to retrieve some image pull secrets (${listed}); attempting to pull the image may not succeed.`,
        fieldPath: null,
      }),
    ]).findings.find(({ code }) => code === 'pod/pull-secret-not-retrieved')?.names;

  it('is named where the event lists one, and not where it lists several or none of the pod', () => {
    expect(named('regcred')).toEqual({ secret: 'regcred' });
    expect(named('regcred, other')).toBeUndefined();
    expect(named('$(reboot)')).toBeUndefined();
  });
});

describe('what else a failing pod shows', () => {
  it('is whether a pull secret is named, and whether the kubelet could read it', () => {
    const events = [
      eventObject({ reason: 'Failed', message: 'no basic auth credentials: pull' }),
      eventObject({
        reason: 'FailedToRetrieveImagePullSecret',
        message: 'Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.',
        fieldPath: null,
      }),
    ];
    expect(codes(podObject({ waiting: backOff }), events.slice(0, 1))).toEqual([
      'pull-error/unauthorized',
      'pod/credentials-not-sent',
      'pod/no-pull-secret',
    ]);
    expect(codes(podObject({ waiting: backOff, pullSecrets: ['regcred'] }), events)).toEqual([
      'pull-error/unauthorized',
      'pod/credentials-not-sent',
      'pod/pull-secret-attached',
      'pod/pull-secret-not-retrieved',
    ]);
  });

  it('is that our own reading of the reference agrees with the refusal', () => {
    const pod = podObject({
      image: 'Shop/Web',
      waiting: {
        reason: 'InvalidImageName',
        message: `Failed to apply default image tag "Shop/Web": couldn't parse image name "Shop/Web": invalid reference format`,
      },
    });
    const result = history(pod, []);
    expect(result.findings.map((finding) => finding.code)).toContain('pod/reference-invalid');
    expect(result.failures[0]?.retry.says).toContain('every few seconds');
  });

  it('is a pull that was cancelled after five minutes without progress', () => {
    const events = [
      eventObject({ reason: 'Pulling', message: 'Pulling', last: '2026-03-01T10:01:00Z' }),
      eventObject({ reason: 'Failed', message: `Failed to pull image "${IMAGE}": context canceled`, last: '2026-03-01T10:06:00Z' }),
    ];
    expect(codes(podObject({ waiting: backOff }), events)).toContain('pod/cancelled-after-no-progress');
    const soon = [
      events[0],
      eventObject({ reason: 'Failed', message: `Failed to pull image "${IMAGE}": context canceled`, last: '2026-03-01T10:01:20Z' }),
    ].filter((event) => event !== undefined);
    expect(codes(podObject({ waiting: backOff }), soon)).not.toContain('pod/cancelled-after-no-progress');
  });

  it('is no pull that goes on where the pod backs off', () => {
    const message = `Back-off pulling image "${IMAGE}": ErrImagePull: failed to resolve image: ${IMAGE}: not found`;
    const events = [
      eventObject({
        reason: 'Pulling',
        message: `Pulling image "${IMAGE}"`,
        first: '2026-03-01T09:00:00Z',
        last: '2026-03-01T10:06:00Z',
        times: 9,
      }),
      eventObject({ reason: 'Failed', message: NOT_FOUND, first: '2026-03-01T09:00:01Z', last: '2026-03-01T09:20:00Z', times: 8 }),
      eventObject({
        reason: 'BackOff',
        message: `Back-off pulling image "${IMAGE}"`,
        first: '2026-03-01T09:00:10Z',
        last: '2026-03-01T10:09:50Z',
        times: 60,
      }),
    ];
    expect(codes(podObject({ waiting: { reason: 'ImagePullBackOff', message } }), events)).not.toContain('pod/pull-no-progress');
  });

  it('is how long an attempt lasted, not how long ago the last beginning is that a folded event shows', () => {
    const CANCELED = `Failed to pull image "${IMAGE}": rpc error: code = Canceled desc = context canceled`;
    const pulling = (times: number, first: string, last: string) =>
      eventObject({ reason: 'Pulling', message: `Pulling image "${IMAGE}"`, times, first, last });
    const failed = (times: number, first: string, last: string) => eventObject({ reason: 'Failed', message: CANCELED, times, first, last });
    // Four attempts of five minutes, and a fifth that has just begun: the only beginning before the last failure is the first.
    const events = [pulling(5, '2026-03-01T09:46:00Z', '2026-03-01T10:09:30Z'), failed(4, '2026-03-01T09:51:00Z', '2026-03-01T10:09:00Z')];
    const finding = (list: readonly Event[]) =>
      history(podObject({ waiting: backOff }), list).findings.find(({ code }) => code === 'pod/cancelled-after-no-progress');
    expect(finding(events)?.says).toBe(
      'An attempt lasted about 5 min before it was cancelled; containerd does that after five minutes without progress.',
    );
    // A person who deletes and tries again every minute is no progress limit, however long that goes on.
    expect(
      finding([pulling(5, '2026-03-01T09:46:00Z', '2026-03-01T10:09:30Z'), failed(4, '2026-03-01T09:47:00Z', '2026-03-01T10:09:00Z')]),
    ).toBeUndefined();
  });

  it('is read from events that the recorder folded', () => {
    const folded = (message: string) => `(combined from similar events): ${message}`;
    const events = [
      eventObject({ reason: 'Failed', message: folded(NOT_FOUND), last: '2026-03-01T10:05:00Z', times: 12 }),
      eventObject({ reason: 'Failed', message: folded('Error: ErrImagePull'), last: '2026-03-01T10:05:00Z' }),
    ];
    const { failures } = history(podObject({ waiting: backOff }), events);
    expect(failures).toMatchObject([{ error: { symptom: 'tag-not-found' }, message: NOT_FOUND, retry: { failures: 12 } }]);
  });

  it('is the pull of a volume, which has no status of its own', () => {
    const volume = 'registry.example/models/llm:7';
    const pod = podObject({ spec: { volumes: [{ name: 'model', image: { reference: volume, pullPolicy: 'Always' } }] } });
    const events = [
      eventObject({ reason: 'Pulling', message: `Pulling image "${volume}"`, last: '2026-03-01T10:04:00Z', fieldPath: null }),
    ];
    expect(history(pod, events).findings).toMatchObject([{ code: 'pod/pull-no-progress', container: 'model' }]);
  });

  it('is a pull that goes on, and for how long', () => {
    const pulling = (last: string) => [eventObject({ reason: 'Pulling', message: `Pulling image "${IMAGE}"`, last })];
    expect(codes(podObject({}), pulling('2026-03-01T10:09:30Z'))).toEqual(['pod/pull-in-progress']);
    expect(codes(podObject({}), pulling('2026-03-01T10:05:30Z'))).toEqual(['pod/pull-no-progress']);
    expect(codes(podObject({}), [])).toEqual([]);
  });

  it('never holds a secret of the message', () => {
    const message = `Failed to pull image "${IMAGE}": Get "https://robot:s3cr3t-canary@registry.example/v2/?X-Amz-Signature=canary2": EOF`;
    const result = history(podObject({ waiting: { reason: 'ErrImagePull', message } }), [eventObject({ reason: 'Failed', message })]);
    expect(JSON.stringify(result)).not.toMatch(/canary/);
    const pasted = podObject({
      image: 'https://robot:canary@registry.example/web:1',
      waiting: { reason: 'InvalidImageName', message: 'invalid reference format' },
    });
    expect(JSON.stringify([targetOf(pasted, { cluster: 'test' }), history(pasted, [])])).not.toMatch(/canary/);
  });
});
