import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locationsInText } from '../../src/alerts/location-in-text.ts';

const pod = (namespace: string, name: string) => ({ namespace, pod: name });
const workload = (namespace: string, kind: string, name: string) => ({ namespace, workload: { kind, name } });

describe('the locations in a text', () => {
  it.each([
    ['Pod shop/web-0 has been in a non-ready state for longer than 15 minutes.', [pod('shop', 'web-0')]],
    ['pod/web-0 in namespace shop on container app has been in waiting state for longer than 1 hour.', [pod('shop', 'web-0')]],
    ["The pod 'web-0' in the namespace 'shop' is in an 'ImagePullBackOff' state.", [pod('shop', 'web-0')]],
    ['Pod web-0 in shop is not ready', [pod('shop', 'web-0')]],
    ['Pod web-0 is ImagePullBackOff on namespace shop', [pod('shop', 'web-0')]],
    ['Pod web-0 is in ImagePullBackOff on shop.', [pod('shop', 'web-0')]],
    ['Pod name web-0 and endpoint 10.0.0.7:8080  of namespace shop is unable to pull', [pod('shop', 'web-0')]],
    ['Container app in pod web-0 in namespace shop is in ImagePullBackOff state', [pod('shop', 'web-0')]],
    ['Pod web-0 is running on node-1', []],
    ['Pod web-0 fails. Look at the quota in namespace shop', []],
    ['Labels:\n - alertname = KubePodNotReady\n - namespace = shop\n - pod = web-0\n', [pod('shop', 'web-0')]],
    ['alertname: X\nkube_namespace:shop,pod_name:web-0,kube_deployment:web', [pod('shop', 'web-0'), workload('shop', 'Deployment', 'web')]],
    ['k8s_namespace: shop k8s_pod_name: web-0', [pod('shop', 'web-0')]],
    ['Deployment shop/web has not matched the expected number of replicas', [workload('shop', 'Deployment', 'web')]],
    ['Rollout of deployment shop/web is not progressing for longer than 15 minutes.', [workload('shop', 'Deployment', 'web')]],
    ['StatefulSet shop/db update has not been rolled out.', [workload('shop', 'StatefulSet', 'db')]],
    ['DaemonSet shop/agent has not finished or progressed', [workload('shop', 'DaemonSet', 'agent')]],
    ['Job shop/migrate failed to complete. Removing failed job', [workload('shop', 'Job', 'migrate')]],
    ['daemon set `agent` in the shop namespace', [workload('shop', 'DaemonSet', 'agent')]],
    ['namespace: shop\nresource: deployment/web', [workload('shop', 'Deployment', 'web')]],
    ['namespace="shop", job="kube-state-metrics", job_name="migrate"', [workload('shop', 'Job', 'migrate')]],
    ['cgroup_k8s_cntr_shop_web-0_app.cpu_limit', [{ ...pod('shop', 'web-0'), container: 'app' }]],
    ['cgroup_k8s_pod_shop_web-0.net_eth0', [pod('shop', 'web-0')]],
    ['Quota in namespace: shop is used up', [{ namespace: 'shop' }]],
    ['The disk of node-1 is full', []],
    ['Pod has been in a non-ready state for more than 15 minutes', []],
    ['see https://grafana.example/d/pod/web-0/x and /var/log/pods/web-0', []],
  ])('%j', (text, locations) => {
    expect(locationsInText(text)).toEqual(locations);
  });

  it('take the namespace that is known where the text names none', () => {
    expect(locationsInText('pod: web-0 is not ready', 'shop')).toEqual([pod('shop', 'web-0')]);
    expect(locationsInText('pod: web-0 is not ready')).toEqual([]);
  });

  it('belong to the namespace on their line', () => {
    const text = 'namespace: shop, pod: web-0\nnamespace: tools, pod: ci-1';
    expect(locationsInText(text)).toEqual([pod('shop', 'web-0'), pod('tools', 'ci-1')]);
    expect(locationsInText('namespace: tools\npod: web-0, namespace: shop')).toEqual([pod('shop', 'web-0')]);
  });

  it('are found in any text, and in 100 kB made against the patterns', () => {
    const word = fc.constantFrom(
      'pod',
      'namespace',
      'in',
      ' ',
      ': ',
      '/',
      '`',
      'shop',
      'k8s_cntr_',
      '_',
      '\n',
      'deployment',
      'is',
      '-',
      '.',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.array(word, { maxLength: 200 }).map((words) => words.join('')),
        ),
        (text) => {
          for (const location of locationsInText(text)) expect(location.namespace).toMatch(/^[a-z0-9-]+$/);
        },
      ),
    );
    const long = `pod ${'a'.repeat(300)} in `;
    const words = `pod a ${'b '.repeat(6)}in `;
    for (const text of [
      long.repeat(300),
      words.repeat(2000),
      `pod ${'a '.repeat(50_000)}`,
      'k8s_cntr_a_'.repeat(10_000),
      `pod/${'a-'.repeat(50_000)}`,
      'pods: namespace '.repeat(7000),
    ])
      expect(locationsInText(text)).toBeDefined();
  });
});
