import { describe, expect, it } from 'vitest';
import type { Confidence } from '../../src/diagnosis/verdict.ts';
import { CodedError } from '../../src/errors.ts';
import type { Event, Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import type { Sources } from '../../src/steps/step.ts';
import { diagnoseRecording, recordingOf } from '../support/diagnosis.ts';
import { scriptedRegistry } from '../support/fake-registry.ts';
import { makeWorld } from '../support/made-worlds.ts';
import { eventObject, podObject } from '../support/objects.ts';

async function conclusionOf(pod: Pod, events: readonly Event[] = []) {
  const run = await diagnoseRecording(recordingOf(pod, events));
  if (!run.conclusion) throw new Error('every run ends with a conclusion');
  return run.conclusion;
}

const NOT_FOUND = 'Failed to pull image "registry.example/shop/web:1": registry.example/shop/web:1: not found';

describe('a pod whose images do not fail gets a true answer', () => {
  it('when it runs, also with old failures in its events', async () => {
    const events = [
      eventObject({ reason: 'Failed', message: NOT_FOUND, last: '2026-03-01T10:00:10Z' }),
      eventObject({ reason: 'Pulled', message: 'Successfully pulled', last: '2026-03-01T10:00:30Z' }),
    ];
    expect(await conclusionOf(podObject({ running: true }), events)).toMatchObject({
      verdict: { cause: null, confidence: 'confirmed' },
      title: 'Nothing is wrong with the images of this pod',
      remediation: [],
    });
  });

  it('when no node was found for it', async () => {
    const pod = podObject({
      node: null,
      status: {
        phase: 'Pending',
        containerStatuses: [],
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }],
      },
    });
    expect(await conclusionOf(pod)).toMatchObject({
      verdict: { cause: null, because: ['Unschedulable: 0/3 nodes are available'] },
      title: 'No image was pulled: no node was found for the pod yet',
    });
  });

  it.each([
    ['CrashLoopBackOff', 'back-off 5m0s restarting failed container', 'waits with CrashLoopBackOff'],
    ['CreateContainerConfigError', 'configmap "absent" not found', 'cannot be created: configmap "absent" not found'],
    ['CreateContainerError', 'context deadline exceeded', 'cannot be created: context deadline exceeded'],
  ])('when it waits for another reason: %s', async (reason, message, words) => {
    const conclusion = await conclusionOf(podObject({ waiting: { reason, message } }));
    expect(conclusion.verdict.cause).toBeNull();
    expect(conclusion.title).toBe(`Images are fine: container app ${words}`);
    expect(conclusion.verdict.because.join(' ')).toContain(message);
  });

  it.each([
    ['Error', 3, 12, 'container app exits with code 3 (12 restarts)'],
    ['Error', 1, 1, 'container app exits with code 1 (1 restart)'],
    ['Completed', 0, 4, 'container app exits with code 0 (4 restarts)'],
    ['OOMKilled', 137, 4, 'container app is killed for using too much memory (OOMKilled, 4 restarts)'],
  ])('when its container runs and ends: %s, code %i', async (reason, exitCode, restartCount, words) => {
    const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } };
    const status = { name: 'app', imageID: 'sha256:1', restartCount, state, lastState: { terminated: { reason, exitCode } } };
    const conclusion = await conclusionOf(podObject({ status: { phase: 'Running', containerStatuses: [status] } }));
    expect(conclusion).toMatchObject({ title: `Images are fine: ${words}`, verdict: { cause: null } });
  });

  it('when it waited for others before it was pulled', async () => {
    const pulled = 'Successfully pulled image "registry.example/shop/web:1" in 42ms (4m59.041s including waiting). Image size: 1 bytes.';
    const conclusion = await conclusionOf(podObject({ running: true }), [eventObject({ reason: 'Pulled', message: pulled })]);
    expect(conclusion).toMatchObject({
      title: 'Images are fine; the pod waited 4 min 59 s in line behind other pulls',
      verdict: {
        cause: null,
        because: [
          'Every image was pulled.',
          'registry.example/shop/web:1 was pulled in 42 ms, after 4 min 59 s in line behind other pulls of the node.',
        ],
      },
    });
    const soon = eventObject({ reason: 'Pulled', message: pulled.replace('4m59.041s', '2.5s') });
    expect((await conclusionOf(podObject({ running: true }), [soon])).title).toBe('Nothing is wrong with the images of this pod');
  });

  it('when it was evicted, with what had failed before', async () => {
    const pod = podObject({
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: ephemeral-storage.',
        containerStatuses: [{ name: 'app', state: { terminated: { reason: 'ContainerStatusUnknown', exitCode: 137 } } }],
      },
    });
    const conclusion = await conclusionOf(pod, [
      eventObject({
        reason: 'Failed',
        message: 'Failed to pull image "registry.example/shop/web:1": write /var/lib/x: no space left on device',
      }),
    ]);
    expect(conclusion).toMatchObject({ title: 'The pod was evicted; before that its image could not be pulled', verdict: { cause: null } });
    expect(conclusion.verdict.because.join(' ')).toMatch(/low on resource.*could not be pulled \(disk-full\)/);
  });

  it('when it is being pulled, being deleted, or has not been looked at yet', async () => {
    const pulling = [eventObject({ reason: 'Pulling', message: 'Pulling image', last: '2026-03-01T10:09:15Z' })];
    expect(await conclusionOf(podObject({}), pulling)).toMatchObject({
      title: 'Still pulling registry.example/shop/web:1, for 45 s so far',
      verdict: { because: ['registry.example/shop/web:1 has been pulling for 45 s.'] },
    });
    expect((await conclusionOf(podObject({ running: true, metadata: { deletionTimestamp: '2026-03-01T10:09:00Z' } }))).title).toBe(
      'The pod is being deleted',
    );
    expect((await conclusionOf(podObject({}))).title).toBe('No pull has failed so far');
  });
});

describe('a pod with several failing images', () => {
  it('is judged by the one that tells most; the other stays in its failures', async () => {
    const pod = podObject({
      spec: {
        containers: [
          { name: 'app', image: 'registry.example/shop/web:1' },
          { name: 'side', image: 'other.example/x:1' },
        ],
      },
      status: {
        phase: 'Pending',
        containerStatuses: [
          { name: 'app', state: { waiting: { reason: 'ErrImagePull', message: 'pull QPS exceeded' } } },
          {
            name: 'side',
            state: { waiting: { reason: 'ErrImagePull', message: 'dial tcp: lookup other.example on 10.0.0.1:53: no such host' } },
          },
        ],
      },
    });
    const conclusion = await conclusionOf(pod);
    expect(conclusion).toMatchObject({ container: 'side', verdict: { cause: 'dns-failure' } });
    expect(conclusion.verdict.because.join(' ')).not.toContain('rate limit');
  });
});

describe('a pod that waits for its pull for minutes', () => {
  it('is a possible case of a stalled pull, before any error exists', async () => {
    const conclusion = await conclusionOf(podObject({}), [
      eventObject({ reason: 'Pulling', message: 'Pulling image', last: '2026-03-01T10:05:00Z' }),
    ]);
    expect(conclusion.verdict).toMatchObject({
      cause: 'pull-no-progress',
      confidence: 'possible',
      alternatives: [{ cause: 'serialized-pull-stall', confidence: 'possible' }],
    });
  });

  const { sources, recording } = makeWorld('made-pull-no-progress');
  const unreachable = { status: 'unreachable', problem: 'timeout', message: 'no answer', host: 'registry.example' } as const;
  const silent: Partial<Sources> = {
    registry: scriptedRegistry({ ping: unreachable, manifest: () => unreachable, tags: () => unreachable }),
    prober: {
      probe: async (endpoint, signal) => ({
        ...(await sources.prober.probe(endpoint, signal)),
        problem: 'timeout',
        tls: { status: 'silent', because: 'the TLS handshake gets no answer in time' },
      }),
    },
  };
  const refused = async () => {
    throw new CodedError('kubelet/unreachable', 'no');
  };
  const unread: Partial<Sources> = { kubelet: { ...sources.kubelet, readConfiguration: refused } };
  it.each<[string, Confidence, Partial<Sources>]>([
    ['nothing is in front of it and the image is small', 'likely', {}],
    ['nothing is in front of it and the registry is silent to imagepull as well', 'likely', silent],
    ['nothing is in front of it and the image is large', 'possible', makeWorld('made-pull-of-a-large-image').sources],
    ['nobody knows what is in front of it', 'possible', unread],
  ])('is stuck by itself where %s: %s', async (_, confidence, other) => {
    const { conclusion } = await diagnoseRecording(recording, { ...sources, ...other });
    expect(conclusion?.title).toBe('The pull of registry.example/shop/web:1.27 has lasted 4 min 30 s without a result');
    expect(conclusion?.verdict).toMatchObject({ cause: 'pull-no-progress', confidence });
    expect(conclusion?.means?.startsWith('How much of the image has arrived cannot be seen')).toBe(confidence === 'possible');
  });
});

describe('a pod whose sandbox cannot be made', () => {
  const sandbox = (message: string) => [
    eventObject({ reason: 'FailedCreatePodSandBox', message, fieldPath: null, times: 4, last: '2026-03-01T10:09:00Z' }),
  ];

  it("fails for the image of the sandbox, which the node's runtime names and not the pod", async () => {
    const message =
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image "registry.k8s.io/pause:3.10": failed to pull image "registry.k8s.io/pause:3.10": failed to pull and unpack image "registry.k8s.io/pause:3.10": failed to resolve reference "registry.k8s.io/pause:3.10": failed to do request: Head "https://registry.k8s.io/v2/pause/manifests/3.10": dial tcp: lookup registry.k8s.io on 10.0.0.1:53: no such host';
    const conclusion = await conclusionOf(podObject({}), sandbox(message));
    expect(conclusion).toMatchObject({
      container: 'pod sandbox',
      verdict: { cause: 'dns-failure', confidence: 'likely' },
      retry: { says: expect.stringContaining('pod sandbox') },
    });
    expect(conclusion.remediation.map((fix) => fix.action)).toEqual(['check-dns', 'configure-runtime']);
  });

  it('is no pull error when the network plugin fails, and the warning is shown', async () => {
    const conclusion = await conclusionOf(
      podObject({}),
      sandbox('Failed to create pod sandbox: plugin type="calico" failed (add): connection refused'),
    );
    expect(conclusion).toMatchObject({ title: 'No pull has failed; something else holds the pod up', verdict: { cause: null } });
    expect(conclusion.verdict.because.join(' ')).toContain('calico');
  });

  it('is history once an image was asked for', async () => {
    const events = [
      ...sandbox('failed to get sandbox image "registry.k8s.io/pause:3.10": i/o timeout'),
      eventObject({ reason: 'Pulling', message: 'Pulling image', last: '2026-03-01T10:09:30Z' }),
    ];
    expect((await conclusionOf(podObject({}), events)).title).toMatch(/^Still pulling registry\.example/);
  });
});
