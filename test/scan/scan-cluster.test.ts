import { describe, expect, it } from 'vitest';
import type { ClusterReader } from '../../src/cluster/cluster.ts';
import { CodedError } from '../../src/errors.ts';
import { type Event, Owner, type Pod } from '../../src/facts/kubernetes/kubernetes-object.ts';
import { createRecordedSources } from '../../src/recording/recorded-world.ts';
import { scanText } from '../../src/report/formats/scan-report.ts';
import { plain } from '../../src/report/layout.ts';
import { scanCluster } from '../../src/scan/scan-cluster.ts';
import { recordingOf } from '../support/diagnosis.ts';
import { eventObject, podObject } from '../support/objects.ts';
import { catalogue, classify } from '../support/rules.ts';

const NOW = new Date('2026-03-01T10:10:00Z');
const REFUSED = 'unexpected status from HEAD request to https://registry.example/v2/shop/web/manifests/1: 401 Unauthorized';
const MISSING = 'registry.example/shop/web:1: not found';

function clusterOf(pods: readonly Pod[], events: readonly Event[] = [], owners: readonly Owner[] = []): ClusterReader {
  const [first] = pods;
  if (!first) throw new Error('a cluster has a pod');
  return createRecordedSources({ ...recordingOf(first, events), pods, owners }).cluster;
}
const scanOf = (cluster: ClusterReader, now = NOW) => scanCluster({ cluster, catalogue, classify, now }, undefined);
const forbidden = (what: string) => async () => {
  throw new CodedError('cluster/forbidden', `${what} is forbidden\nThis rule would allow it:\n  - apiGroups: [""]`);
};
const failing = (name: string, message: string, more: Parameters<typeof podObject>[0] = {}) =>
  podObject({ name, waiting: { reason: 'ErrImagePull', message }, ...more });

describe('a scan', () => {
  it('goes on without the right to list events, and says what may be missing', async () => {
    const pods = [
      failing('a', MISSING),
      failing('b', 'Back-off pulling image "registry.example/shop/old:1"', { image: 'registry.example/shop/old:1' }),
    ];
    const scan = await scanOf({ ...clusterOf(pods), listEvents: forbidden('events') });
    expect(scan.groups.map(({ cause }) => cause).sort()).toEqual(['tag-not-found', 'undetermined']);
    expect(scan.shortfalls).toEqual([expect.stringMatching(/^Events could not be read, so .* may not show\. events is forbidden/)]);
    expect(scanText(scan, plain, 80)).toMatch(/Not checked\n {2}! Events[\s\S]*\n {6}- apiGroups: \[""\]\n/);
  });

  it('still fails where pods cannot be listed, or the cluster is gone', async () => {
    await expect(scanOf({ ...clusterOf([failing('a', MISSING)]), listPods: forbidden('pods') })).rejects.toMatchObject({
      code: 'cluster/forbidden',
    });
    const gone = async () => {
      throw new CodedError('cluster/unreachable', 'gone');
    };
    const cluster = { ...clusterOf([failing('a', 'ErrImagePull')]), listEvents: gone };
    await expect(scanOf(cluster)).rejects.toMatchObject({ code: 'cluster/unreachable' });
  });

  it('asks for no events and no jobs where statuses tell all', async () => {
    const cluster = clusterOf([failing('a', MISSING)]);
    await scanOf(cluster);
    expect(cluster.requests()).toBe(1);
  });

  it('keeps different pull secrets apart, and names the one that is missing', async () => {
    const pods = [
      failing('a', REFUSED, { pullSecrets: ['gone'] }),
      failing('b', REFUSED, { pullSecrets: ['gone'] }),
      failing('c', REFUSED, { pullSecrets: ['opaque'] }),
      failing('d', REFUSED, { pullSecrets: ['other-host'] }),
      failing('e', REFUSED),
    ];
    const text = 'Unable to retrieve some image pull secrets (gone); attempting to pull the image may not succeed.';
    const events = ['a', 'b'].map((pod) =>
      eventObject({ reason: 'FailedToRetrieveImagePullSecret', message: text, pod, uid: `uid-${pod}`, fieldPath: null }),
    );
    const { groups } = await scanOf(clusterOf(pods, events));
    expect(groups.map(({ cause, title, containers }) => [cause, title, containers.map(({ pod }) => pod).join(' ')])).toEqual([
      ['secret-not-found', 'The kubelet cannot read the pull secret gone', 'a b'],
      ['credentials-missing', 'registry.example requires authentication, and no pull secret is attached', 'e'],
      ['credentials-rejected', 'registry.example requires authentication, and the pull secret opaque gave no access', 'c'],
      ['credentials-rejected', 'registry.example requires authentication, and the pull secret other-host gave no access', 'd'],
    ]);
  });

  it('shows a pull that hangs, and none that only takes its time or has ended', async () => {
    const pods = ['long', 'short', 'pulled'].map((name) => podObject({ name }));
    const event = (pod: string, reason: string, last: string) =>
      eventObject({ reason, message: `${reason} image "registry.example/shop/web:1"`, pod, uid: `uid-${pod}`, last });
    const events = [
      event('long', 'Pulling', '2026-03-01T10:01:00Z'),
      event('short', 'Pulling', '2026-03-01T10:09:30Z'),
      event('pulled', 'Pulling', '2026-03-01T10:01:00Z'),
      event('pulled', 'Pulled', '2026-03-01T10:02:00Z'),
    ];
    const { groups } = await scanOf(clusterOf(pods, events));
    expect(groups).toMatchObject([
      {
        cause: 'pull-no-progress',
        title: 'The pull of registry.example/shop/web:1 has lasted 9 min without a result',
        containers: [{ pod: 'long' }],
      },
    ]);
  });

  it('puts an image that may not be pulled into one group, on whichever nodes', async () => {
    const message = 'Container image "registry.example/shop/web:1" is not present with pull policy of Never';
    const never = (name: string, node: string) =>
      podObject({ name, node, pullPolicy: 'Never', waiting: { reason: 'ErrImageNeverPull', message } });
    const other = podObject({ name: 'c', image: 'registry.example/x:1', pullPolicy: 'Never', waiting: { reason: 'ErrImageNeverPull' } });
    const { groups } = await scanOf(clusterOf([never('a', 'node-1'), never('b', 'node-2'), other]));
    expect(groups.map(({ title, containers }) => [title, containers.length])).toEqual([
      ['registry.example/shop/web:1 is not on 2 nodes, and imagePullPolicy Never forbids pulling it', 2],
      ['registry.example/x:1 is not on node-1, and imagePullPolicy Never forbids pulling it', 1],
    ]);
  });

  it('agrees in number where a group is on several nodes', async () => {
    const message = 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
    const on = (node: string) => failing(`web-${node}`, `Head "https://registry.example/v2/shop/web/manifests/1": ${message}`, { node });
    const { groups } = await scanOf(clusterOf(['n1', 'n2', 'n3', 'n4'].map(on)));
    expect(groups.map(({ title }) => title)).toEqual(['The certificate of registry.example is not trusted by 4 nodes']);
  });

  it('shows the CronJob behind a Job by one list, and says so where it may not be read', async () => {
    const owner = { kind: 'Job', name: 'report-29928785' };
    const pods = [failing('report-29928785-abcde', MISSING, { owner })];
    const job = Owner.parse({
      kind: 'Job',
      metadata: { name: owner.name, namespace: 'shop', ownerReferences: [{ kind: 'CronJob', name: 'report', controller: true }] },
    });
    const cluster = clusterOf(pods, [], [job]);
    expect((await scanOf(cluster)).groups).toMatchObject([{ containers: [{ workload: 'CronJob/report' }] }]);
    expect(cluster.requests()).toBe(2);
    const restricted = await scanOf({ ...clusterOf(pods), listJobs: forbidden('jobs') });
    expect(restricted.groups).toMatchObject([{ containers: [{ workload: 'Job/report-29928785' }] }]);
    expect(restricted.shortfalls).toEqual([
      expect.stringMatching(/^Jobs could not be read, so a CronJob behind one is not shown\. jobs is forbidden/),
    ]);
  });

  it('says that it found nothing, and what it could not see, in one', async () => {
    const scan = await scanOf({ ...clusterOf([podObject({})]), listEvents: forbidden('events') });
    const text = scanText(scan, plain, 80);
    expect(text).toMatch(/^✓ No pull fails \(1 pod on 1 node in the cluster\)\nNot checked/);
  });
});
