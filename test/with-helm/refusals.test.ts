import { expect, it } from 'vitest';
import { template, valuesOf } from '../support/helm.ts';

const POLICY = 'remedies.policy.version=1';
const KEY = '-----BEGIN PUBLIC KEY-----';

/** Values that cannot be meant, and what whoever wrote them reads. */
const REFUSED: readonly (readonly [values: readonly string[], says: RegExp])[] = [
  [['scope=everywhere'], /'\/scope'.*must be one of 'cluster', 'namespaces'/],
  [['gatway.replicas=1'], /additional properties 'gatway' not allowed/],
  [['worker.replica=1'], /'\/worker'.*additional properties 'replica' not allowed/],
  [['worker.replicas=two'], /'\/worker\/replicas'.*want integer/],
  [['image.digest=latest'], /'\/image\/digest'.*does not match pattern.*sha256/],
  [['cluster.kubelet=apiserver-proxy'], /'\/cluster\/kubelet'.*must be one of/],
  [['valkey.maxMemory=lots'], /'\/valkey\/maxMemory'.*does not match pattern/],
  [['slack.existingSecret='], /'\/slack\/existingSecret'.*does not match pattern/],
  [['remedies.keys.gatewayPublic[0]=-----BEGIN PRIVATE KEY-----'], /'\/remedies\/keys\/gatewayPublic\/0'.*BEGIN PUBLIC KEY/],
  [['scope=namespaces'], /scope is namespaces, and namespaces is empty: list those that are to be diagnosed\./],
  [['namespaces={shop}'], /namespaces counts with scope namespaces alone/],
  [['scope=namespaces', 'namespaces={shop}', 'cluster.kubelet=direct'], /needs a ClusterRole.*leave it out/],
  [['cluster.kubelet=prometheus'], /cluster\.prometheus is not set: give its address/],
  [['config.clusters[0].name=prod'], /config\.clusters is made by the chart: set cluster and otherClusters instead/],
  [['config.remedies.perHour=1'], /config\.remedies is made by the chart: set remedies instead/],
  [['otherClusters[0].name=default'], /otherClusters has default, which is this cluster's own name/],
  [
    ['otherClusters[0].name=b', 'otherClusters[0].executor.namespace=bot'],
    /otherClusters has an executor for b, and remedies\.enabled is false/,
  ],
  [['remedies.enabled=true'], /remedies\.policy is empty: it says who may approve what/],
  [['remedies.enabled=true', POLICY], /remedies\.keys\.gatewayPublic is empty: give the public keys/],
  [['remedies.enabled=true', POLICY, `remedies.keys.gatewayPublic[0]=${KEY}`], /remedies\.keys\.executorPublic is empty/],
  [['readOnly=true', 'worker.replicas=1', 'remedies.enabled=true'], /remedies\.enabled and readOnly are both true/],
  [['nodeTasks.enabled=true'], /nodeTasks\.enabled is true, and remedies\.enabled is false/],
  [['readOnly=true'], /no Lease and would all watch: set worker\.replicas to 1/],
];

it.each(REFUSED)('refuses %j', async (values, says) => {
  await expect(template(values.flatMap((value) => ['--set', value]))).rejects.toThrow(says);
});

it('refuses to act in the name of everybody', async () => {
  const asked = template([...valuesOf('remedies'), '--set', 'remedies.approver=impersonate']);
  await expect(asked).rejects.toThrow(/remedies\.impersonate\.users is empty: list the users/);
});

it('refuses to admit any image on nodes but the program itself', async () => {
  const asked = template([...valuesOf('remedies'), '--set', 'nodeTasks.enabled=true']);
  await expect(asked).rejects.toThrow(/image\.digest is not set: only the program's very image is admitted/);
});
