import { describe, expect, it } from 'vitest';
import { pointerOf } from '../../src/alerts/alert.ts';
import { locationOfLabels, workloadKindOf } from '../../src/alerts/location-of-labels.ts';

describe('where labels point', () => {
  it.each([
    ['namespace', 'shop', { namespace: 'shop' }],
    ['exported_namespace', 'shop', { namespace: 'shop' }],
    ['kube_namespace', 'shop', { namespace: 'shop' }],
    ['k8s_namespace', 'shop', { namespace: 'shop' }],
    ['k8s.namespace.name', 'shop', { namespace: 'shop' }],
    ['kubernetes.namespace', 'shop', { namespace: 'shop' }],
    ['kubernetes_namespace_name', 'shop', { namespace: 'shop' }],
    ['namespaceName', 'shop', { namespace: 'shop' }],
    ['pod_namespace', 'shop', { namespace: 'shop' }],
    ['pod', 'web-0', { pod: 'web-0' }],
    ['exported_pod', 'web-0', { pod: 'web-0' }],
    ['pod_name', 'web-0', { pod: 'web-0' }],
    ['podName', 'web-0', { pod: 'web-0' }],
    ['k8s_pod_name', 'web-0', { pod: 'web-0' }],
    ['k8s.pod.name', 'web-0', { pod: 'web-0' }],
    ['kubernetes.pod.name', 'web-0', { pod: 'web-0' }],
    ['container', 'app', { container: 'app' }],
    ['exported_container', 'app', { container: 'app' }],
    ['container_name', 'app', { container: 'app' }],
    ['kube_container_name', 'app', { container: 'app' }],
    ['k8s_container_name', 'app', { container: 'app' }],
    ['k8s.container.name', 'app', { container: 'app' }],
    ['node', 'node-1.example', { node: 'node-1.example' }],
    ['exported_node', 'node-1', { node: 'node-1' }],
    ['kube_node', 'node-1', { node: 'node-1' }],
    ['k8s_node_name', 'node-1', { node: 'node-1' }],
    ['k8s.node.name', 'node-1', { node: 'node-1' }],
    ['cluster', 'prod eu', { cluster: 'prod eu' }],
    ['cluster_name', 'prod', { cluster: 'prod' }],
    ['kube_cluster_name', 'prod', { cluster: 'prod' }],
    ['k8s_cluster_name', 'prod', { cluster: 'prod' }],
    ['k8s.cluster.name', 'prod', { cluster: 'prod' }],
    ['kubernetes_cluster', 'prod', { cluster: 'prod' }],
    ['deployment', 'web', { workload: { kind: 'Deployment', name: 'web' } }],
    ['kube_deployment', 'web', { workload: { kind: 'Deployment', name: 'web' } }],
    ['k8s.deployment.name', 'web', { workload: { kind: 'Deployment', name: 'web' } }],
    ['statefulset', 'db', { workload: { kind: 'StatefulSet', name: 'db' } }],
    ['kube_stateful_set', 'db', { workload: { kind: 'StatefulSet', name: 'db' } }],
    ['daemonset', 'agent', { workload: { kind: 'DaemonSet', name: 'agent' } }],
    ['kube_daemon_set', 'agent', { workload: { kind: 'DaemonSet', name: 'agent' } }],
    ['job_name', 'migrate', { workload: { kind: 'Job', name: 'migrate' } }],
    ['kube_job', 'migrate', { workload: { kind: 'Job', name: 'migrate' } }],
    ['cronjob', 'nightly', { workload: { kind: 'CronJob', name: 'nightly' } }],
    ['kube_cronjob', 'nightly', { workload: { kind: 'CronJob', name: 'nightly' } }],
    ['replicaset', 'web-5d4', { workload: { kind: 'ReplicaSet', name: 'web-5d4' } }],
    ['replicationcontroller', 'web', { workload: { kind: 'ReplicationController', name: 'web' } }],
  ])('%s=%s is understood', (key, value, location) => {
    expect(locationOfLabels({ [key]: value })).toEqual(location);
  });

  it.each([
    ['workload_type', 'workload', 'deployment', 'Deployment'],
    ['owner_kind', 'owner_name', 'StatefulSet', 'StatefulSet'],
    ['created_by_kind', 'created_by_name', 'DaemonSet', 'DaemonSet'],
    ['k8s_controller_kind', 'k8s_controller_name', 'ReplicaSet', 'ReplicaSet'],
    ['kube_ownerref_kind', 'kube_ownerref_name', 'replicaset', 'ReplicaSet'],
    ['workload_kind', 'workload_name', 'Stateful_Set', 'StatefulSet'],
  ])('%s and %s belong together', (kindKey, nameKey, word, kind) => {
    expect(locationOfLabels({ [kindKey]: word, [nameKey]: 'web' })).toEqual({ workload: { kind, name: 'web' } });
  });

  it('do not name a workload of a kind that makes no pods, and a scrape job is no Job', () => {
    expect(locationOfLabels({ owner_kind: 'Node', owner_name: 'node-1', workload: 'web', job: 'kube-state-metrics' })).toEqual({});
    expect(workloadKindOf('constructor')).toBeUndefined();
  });

  it.each(['web 0', 'web-0\n*urgent*', '<!channel>', 'Web-0', '-web', 'a'.repeat(254), '', '../etc', 'web_0'])(
    'never hold the name %j',
    (value) => {
      expect(locationOfLabels({ namespace: value, pod: value, container: value, node: value, deployment: value })).toEqual({});
    },
  );

  it('take the name of the series where the scraped target had a label of that name', () => {
    expect(
      locationOfLabels({
        exported_namespace: 'shop',
        exported_pod: 'web-0',
        namespace: 'monitoring',
        pod: 'exporter-1',
        container: 'exporter',
      }),
    ).toEqual({ namespace: 'shop', pod: 'web-0' });
  });
});

describe('the labels of the exporter', () => {
  const scraped = {
    job: 'kube-state-metrics',
    instance: '10.0.0.7:8080',
    pod: 'kps-kube-state-metrics-747b-x',
    container: 'kube-state-metrics',
  };

  it('do not hide the workload that the alert is about', () => {
    const location = locationOfLabels({ ...scraped, namespace: 'shop', deployment: 'web' });
    expect(pointerOf(location)).toEqual({ kind: 'workload', namespace: 'shop', workload: { kind: 'Deployment', name: 'web' } });
  });

  it('are told from those of a pod of the workload, also of one with a long name', () => {
    const name = 'a-name-that-is-so-long-that-its-pods-cannot-have-all-of-it-in-theirs';
    const pod = `${name.slice(0, 58)}x7abc`;
    expect(locationOfLabels({ ...scraped, namespace: 'shop', deployment: name, pod })).toMatchObject({ pod });
    expect(locationOfLabels({ namespace: 'shop', deployment: 'web', pod: 'web-5d4-x7abc' })).toMatchObject({ pod: 'web-5d4-x7abc' });
  });

  it('do not hide the node, which has no namespace', () => {
    expect(locationOfLabels({ ...scraped, namespace: 'monitoring', node: 'node-1' })).toEqual({ node: 'node-1' });
    expect(locationOfLabels({ job: 'kubelet', instance: '10.0.0.7:10250', namespace: 'kube-system', node: 'node-1' })).toEqual({
      node: 'node-1',
    });
  });

  it('are not looked for where nothing was scraped', () => {
    const location = { namespace: 'shop', node: 'node-1' };
    expect(locationOfLabels(location)).toEqual(location);
    expect(locationOfLabels({ ...scraped, ...location, pod: 'web-0', container: 'app' })).toEqual({
      ...location,
      pod: 'web-0',
      container: 'app',
    });
  });

  it('do not name the container of another pod', () => {
    expect(locationOfLabels({ ...scraped, namespace: 'shop', pod: 'web-0' })).toEqual({ namespace: 'shop', pod: 'web-0' });
    expect(locationOfLabels({ ...scraped, namespace: 'shop', pod: 'web-0', container: 'kube-rbac-proxy-main' })).not.toHaveProperty(
      'container',
    );
    expect(locationOfLabels({ ...scraped, namespace: 'shop', pod: 'web-0', container: 'app' })).toMatchObject({ container: 'app' });
  });
});

describe('what is looked at', () => {
  const workload = { kind: 'Deployment', name: 'web' } as const;
  it.each([
    [
      { namespace: 'shop', pod: 'web-0', workload, node: 'node-1' },
      { kind: 'pod', namespace: 'shop', pod: 'web-0', workload },
    ],
    [
      { namespace: 'shop', workload, node: 'node-1' },
      { kind: 'workload', namespace: 'shop', workload },
    ],
    [
      { namespace: 'shop', node: 'node-1' },
      { kind: 'namespace', namespace: 'shop' },
    ],
    [
      { node: 'node-1', pod: 'web-0' },
      { kind: 'node', node: 'node-1' },
    ],
    [{ pod: 'web-0' }, { kind: 'nothing', because: 'it names the pod web-0 but no namespace' }],
    [{ workload }, { kind: 'nothing', because: 'it names the Deployment web but no namespace' }],
    [
      { cluster: 'prod', container: 'app' },
      { kind: 'nothing', because: 'it names no pod, workload, namespace or node' },
    ],
  ])('of %j is %j', (location, pointer) => {
    expect(pointerOf(location)).toEqual(pointer);
  });
});
