import { describe, expect, it } from 'vitest';
import type { Alert, Location } from '../../src/alerts/alert.ts';
import { relevanceOf } from '../../src/alerts/relevance.ts';

const POD: Location = { namespace: 'shop', pod: 'web-0' };
const WORKLOAD: Location = { namespace: 'shop', workload: { kind: 'Deployment', name: 'web' } };

function alert(name: string, location: Location, more: Partial<Alert> = {}): Alert {
  return { source: 'prom', status: 'firing', id: 'x', name, location, labels: {}, text: '', ...more };
}

describe('an alert that may be about a pull', () => {
  it.each([
    ['KubeContainerWaiting', POD],
    ['KubePodNotReady', POD],
    ['KubeDeploymentReplicasMismatch', WORKLOAD],
    ['KubeDeploymentRolloutStuck', WORKLOAD],
    ['KubeDeploymentGenerationMismatch', WORKLOAD],
    ['KubeStatefulSetReplicasMismatch', WORKLOAD],
    ['KubeStatefulSetUpdateNotRolledOut', WORKLOAD],
    ['KubeDaemonSetRolloutStuck', WORKLOAD],
    ['KubeJobNotCompleted', WORKLOAD],
    ['KubeJobFailed', WORKLOAD],
    ['KubePdbNotEnoughHealthyPods', { namespace: 'shop' }],
    ['KubernetesPodNotHealthy', POD],
    ['PrometheusPodNotReady', POD],
    ['etcd rollout is stuck', WORKLOAD],
    ['KubernetesDeploymentReplicasMismatch', WORKLOAD],
    ['KubernetesStatefulsetUpdateNotRolledOut', WORKLOAD],
    ['k8s_state_deployment_condition_available', WORKLOAD],
    ['KubernetesPodImagePullBackOff', POD],
    ['ImagePullBackOffPersistent', { namespace: 'shop' }],
    ['Pods cannot pull image', { node: 'node-1' }],
    ['KubeNodeNotReady', { node: 'node-1' }],
    ['KubeNodePressure', { node: 'node-1' }],
    ['KubeNodeEviction', { node: 'node-1' }],
    ['KubeletPodStartUpLatencyHigh', { node: 'node-1' }],
    ['kubelet_operations_error', { node: 'node-1' }],
    ['Checkout is slow', POD],
    ['Checkout is slow', WORKLOAD],
    ['Checkout is slow', { namespace: 'shop' }],
  ])('%s of %j is looked at', (name, location) => {
    expect(relevanceOf(alert(name, location))).toMatchObject({ status: 'look', pointer: location, because: expect.stringMatching(/./) });
  });

  it.each(['ImagePullBackOff', 'ErrImagePull', 'ErrImageNeverPull', 'InvalidImageName', 'ImageInspectError', 'imagepullbackoff'])(
    'gives %s as its reason, whatever it is called',
    (reason) => {
      expect(relevanceOf(alert('KubePodCrashLooping', POD, { labels: { reason } }))).toMatchObject({ status: 'look' });
    },
  );

  it('waits for something that may be a pull that hangs', () => {
    for (const reason of ['ContainerCreating', 'PodInitializing', 'DeadlineExceeded'])
      expect(relevanceOf(alert('KubeContainerWaiting', POD, { labels: { reason } }))).toMatchObject({ status: 'look' });
  });

  it('says so in its text', () => {
    const text = 'Back-off pulling image "registry.example/web:1"';
    expect(relevanceOf(alert('TargetDown', POD, { text }))).toMatchObject({ status: 'look' });
  });

  it('and does not say where, has to be asked about', () => {
    expect(relevanceOf(alert('ImagePullBackOff', {}))).toEqual({
      status: 'ask',
      because: 'its name says that an image cannot be pulled, but it names no pod, workload, namespace or node',
    });
    expect(relevanceOf(alert('x', { pod: 'web-0' }, { text: 'ErrImagePull' }))).toMatchObject({ status: 'ask' });
  });
});

describe('an alert that is about something else is dropped', () => {
  it.each([
    ['KubePodCrashLooping', POD],
    ['CrashLoopBackOff', POD],
    ['ContainerOOMKilled', POD],
    ['CPUThrottlingHigh', POD],
    ['KubePersistentVolumeFillingUp', { namespace: 'shop' }],
    ['KubeQuotaExceeded', { namespace: 'shop' }],
    ['KubeHpaMaxedOut', { namespace: 'shop' }],
    ['KubeAPIErrorBudgetBurn', {}],
    ['KubeDaemonSetNotScheduled', WORKLOAD],
    ['KubeDaemonSetMisScheduled', WORKLOAD],
    ['KubeNodeReadinessFlapping', { node: 'node-1' }],
    ['KubeletDown', { node: 'node-1' }],
    ['KubeletTooManyPods', { node: 'node-1' }],
    ['KubeletClientCertificateExpiration', { node: 'node-1' }],
    ['NodeFilesystemSpaceFillingUp', { namespace: 'monitoring', pod: 'node-exporter-x' }],
    ['PrometheusRuleFailures', POD],
    ['AlertmanagerClusterDown', POD],
    ['Watchdog', {}],
    ['InfoInhibitor', { namespace: 'shop' }],
    ['TargetDown', { namespace: 'shop' }],
    ['etcdMembersDown', { namespace: 'kube-system' }],
    ['Checkout is slow', {}],
    ['Checkout is slow', { node: 'node-1' }],
    ['Checkout is slow', { pod: 'web-0' }],
    ['KubeJobFailed', {}],
  ])('%s of %j', (name, location) => {
    expect(relevanceOf(alert(name, location))).toMatchObject({ status: 'drop', because: expect.stringMatching(/./) });
  });

  it.each(['CrashLoopBackOff', 'OOMKilled', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError', 'Unschedulable'])(
    'for the reason %s',
    (reason) => {
      expect(relevanceOf(alert('KubeContainerWaiting', POD, { labels: { reason } }))).toMatchObject({ status: 'drop' });
    },
  );
});
