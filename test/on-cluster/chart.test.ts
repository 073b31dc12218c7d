import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RenderedObject } from '../helm/rendered.ts';
import { eventually } from '../support/eventually.ts';
import { CHART, helm, render, VALUE_SETS, valuesOf } from '../support/helm.ts';
import { runCli } from '../support/run-cli.ts';
import { deployment, type OwnNamespace, ownNamespace } from './cluster.ts';
import { kubeconfigOf } from './documented-roles.ts';

/** Kinds of the Prometheus operator, which this cluster does not have. */
const OF_AN_OPERATOR = 'monitoring.coreos.com/v1';
const PATIENCE_MS = 120_000;

let own: OwnNamespace;
const wide: string[] = [];
beforeAll(async () => {
  own = await ownNamespace();
  await own.kubectl('label', 'namespace', own.name, 'pod-security.kubernetes.io/enforce=restricted');
  await own.apply(...['gateway', 'worker', 'executor'].map((role) => ({ ...ACCOUNT, metadata: { name: `tried-${role}` } })));
});
afterAll(async () => {
  if (wide.length > 0) await own.kubectl('delete', 'clusterrole,clusterrolebinding', ...wide);
  await own?.remove();
});

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' };

describe('what the chart renders', () => {
  it.each(VALUE_SETS)('with the values %s is taken by the API server, and its pods by Pod Security', async (name) => {
    const objects = (await render(valuesOf(name), own.name)).filter(({ apiVersion }) => apiVersion !== OF_AN_OPERATOR);
    await own.tryOut(...objects.map(here), ...objects.flatMap(podOf));
  });
});

describe('what is said after an installation', () => {
  const notes = async (values: string) => {
    const said = await helm('install', 'imagepull', CHART, '--namespace', own.name, '--dry-run=server', ...valuesOf(values));
    return said.slice(said.indexOf('NOTES:'));
  };

  it("names the next three steps with the user's own values", async () => {
    const said = await notes('default');
    expect(said).toContain(
      `kubectl -n ${own.name} create secret generic imagepull-slack --from-literal=bot-token=xoxb-… --from-literal=app-token=xapp-…`,
    );
    expect(said).toMatch(/2\. In Slack, \/invite @imagepull in a channel, and there: \/imagepull scan\n/);
    expect(said).toContain(`helm test imagepull -n ${own.name} || kubectl -n ${own.name} logs -l imagepull.dev/doctor=true --tail=-1`);
  });

  it('says what is particular: a freeze for remedies, another release with the gateway, nothing watched', async () => {
    expect(await notes('remedies')).toContain('create configmap imagepull-freeze --from-literal=frozen=false');
    expect(await notes('further-cluster')).toContain('2. Add staging to otherClusters of the release with the gateway');
    expect(await notes('namespaces')).toContain('With scope namespaces nothing is watched');
    expect(await notes('behind-a-proxy')).not.toContain('The proxy has to be');
  });
});

describe("the chart's worker diagnoses with its own service account", () => {
  it.each([
    ['in a whole cluster', 'default', []],
    ['in read-only mode', 'read-only', []],
    ['with Roles alone', 'namespaces', ['--kubelet', 'off']],
  ] as const)('%s', async (_, values, options) => {
    const named = `chart-${values}`;
    const narrowed = values === 'namespaces' ? ['--set', `namespaces={${own.name}}`] : [];
    const objects = await render([...valuesOf(values), '--set', `fullnameOverride=${named}`, ...narrowed], own.name);
    const rights = objects.filter(({ kind }) => kind === 'ServiceAccount' || kind.includes('Role'));
    wide.push(...rights.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name));
    await own.apply(...rights);
    await own.apply(restricted(deployment(`web-${values}`, '127.0.0.1:1/imagepull/none:1')));
    await eventually(
      async () => expect(await own.kubectl('get', 'pods', '-l', `app=web-${values}`)).toMatch(/ErrImagePull|ImagePullBackOff/),
      PATIENCE_MS,
    );
    const folder = await mkdtemp(join(tmpdir(), 'imagepull-chart-'));
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, await kubeconfigOf(`${named}-worker`, own));
    const asked = ['diagnose', '-n', own.name, `deploy/web-${values}`, '--no-registry', '-o', 'json'];
    const kubelet = options.length > 0 ? options : ['--kubelet', 'direct', '--kubelet-any-certificate'];
    const { code, stdout, stderr } = await runCli([...asked, ...kubelet], { env: { KUBECONFIG: kubeconfig } });
    await rm(folder, { recursive: true });
    expect([code, stderr]).toEqual([0, '']);
    expect((JSON.parse(stdout) as { verdict: { cause: string } }).verdict.cause).toBe('connection-refused');
  });
});

/** In the namespace of this test, wherever it was meant for; ours are the only ones that are sure to be there. */
function here(object: RenderedObject): object {
  const { metadata } = object;
  return metadata.namespace === undefined ? object : { ...object, metadata: { ...metadata, name: unique(object), namespace: own.name } };
}

/** Two Roles of one name are meant for two namespaces. */
const unique = ({ metadata }: RenderedObject): string =>
  metadata.namespace === own.name ? metadata.name : `${metadata.name}-${metadata.namespace}`;

/** The pod that a workload would make: Pod Security judges only these. */
function podOf({ metadata, spec }: RenderedObject): readonly object[] {
  const pod = spec?.template?.spec;
  if (pod === undefined) return [];
  const role = /-(gateway|worker|executor)$/.exec(pod.serviceAccountName ?? '')?.[1];
  const claims = (spec?.['volumeClaimTemplates'] ?? []) as readonly RenderedObject[];
  const volumes = [
    ...(pod.volumes ?? []),
    ...claims.map((claim) => ({ name: claim.metadata.name, persistentVolumeClaim: { claimName: claim.metadata.name } })),
  ];
  const account = role === undefined ? {} : { serviceAccountName: `tried-${role}` };
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `tried-${metadata.name}`, namespace: own.name },
      spec: { ...pod, ...account, volumes },
    },
  ];
}

function restricted(workload: object): object {
  const { spec, ...rest } = workload as {
    readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } };
  };
  const { template } = spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  }));
  const security = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  return { ...rest, spec: { ...spec, template: { ...template, spec: { ...template.spec, securityContext: security, containers } } } };
}
