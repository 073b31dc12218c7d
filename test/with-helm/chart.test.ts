import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configOf, rightsIn } from '../helm/needed.ts';
import { find, looseEnds, type RenderedObject, rightsOf } from '../helm/rendered.ts';
import { CHART, GOLDEN, goldenFile, helm, render, template, VALUE_SETS, valuesOf } from '../support/helm.ts';

const ROLES = ['gateway', 'worker', 'executor'] as const;
const deployments = (objects: readonly RenderedObject[]) => objects.filter(({ kind }) => kind === 'Deployment');

describe('the chart', () => {
  it.each(VALUE_SETS)('passes the linter with the values %s', async (name) => {
    expect(await helm('lint', CHART, '--strict', '--kube-version', '1.33.0', ...valuesOf(name))).toContain('0 chart(s) failed');
  });

  it.each(GOLDEN)('renders %s as it is kept; npm run chart writes it anew', async (name) => {
    expect(withoutEmptyLines(await template(valuesOf(name)))).toBe(withoutEmptyLines(readFileSync(goldenFile(name), 'utf8')));
  });

  it.each(VALUE_SETS)('with the values %s runs restricted, and starts the bot with a configuration that it takes', async (name) => {
    const objects = await render(valuesOf(name));
    expect(objects.flatMap(looseEnds)).toEqual([]);
    const started = deployments(objects);
    expect(started.length).toBeGreaterThan(0);
    for (const deployment of started) {
      const role = ROLES.find((one) => deployment.metadata.name.endsWith(`-${one}`)) ?? '';
      const config = configOf(objects, deployment.metadata.name);
      expect([config.roles, config.workFor]).toEqual([[role], [config.clusters[0]?.name]]);
    }
  });

  // In these, somebody else makes the roles, or the bot is not told which secrets it may read.
  it.each(VALUE_SETS.filter((name) => !['bare', 'secrets-of-some-namespaces'].includes(name)))(
    'with the values %s gives what the bot needs with the configuration there, no more and no less',
    async (name) => {
      for (const { needed, given, account } of rightsIn(await render(valuesOf(name)))) expect([account, given]).toEqual([account, needed]);
    },
  );

  it('lets an executor act in the name of those who are listed, and of nobody else', async () => {
    const { wide } = rightsOf(await render(valuesOf('everything')), 'imagepull-executor');
    const inTheNameOf = ['impersonate groups oncall', 'impersonate users ann@corp.example', 'impersonate users bob@corp.example'];
    expect(wide.filter((right) => right.startsWith('impersonate'))).toEqual(inTheNameOf);
  });

  it('changes nothing in read-only mode', async () => {
    const objects = await render(valuesOf('read-only'));
    const { wide, narrow } = rightsOf(objects, 'imagepull-worker');
    expect([...wide, ...narrow].filter((right) => !/^(?:get|list|watch) /.test(right))).toEqual([]);
  });

  it('reads the secrets of some namespaces alone where these are listed', async () => {
    const { wide, narrow } = rightsOf(await render(valuesOf('secrets-of-some-namespaces')), 'imagepull-worker');
    expect(wide.filter((right) => /secrets/.test(right))).toEqual([]);
    expect(narrow.filter((right) => /secrets/.test(right))).toEqual(['shop: get secrets', 'team-a: get secrets']);
    expect(wide.filter((right) => /nodes\//.test(right))).toEqual([]);
  });

  it('admits pods of node tasks from its own executor, with its own image, in the namespace that is named', async () => {
    const objects = await render(valuesOf('node-tasks'), 'here');
    const policy = find(objects, 'ValidatingAdmissionPolicy', 'here-bot-node-task');
    const { variables = [], matchConstraints } = (policy.spec ?? {}) as {
      readonly variables?: readonly { readonly name: string; readonly expression: string }[];
      readonly matchConstraints?: { readonly namespaceSelector: unknown };
    };
    const set = Object.fromEntries(variables.map(({ name, expression }) => [name, expression]));
    expect(set).toMatchObject({
      account: "'system:serviceaccount:here:bot-executor'",
      image: "'registry.example/imagepull/imagepull@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'",
      socket: "'/run/other/containerd.sock'",
      seLinuxType: "'spc_t'",
    });
    expect(matchConstraints?.namespaceSelector).toEqual({ matchLabels: { 'kubernetes.io/metadata.name': 'bot-nodes' } });
    const { narrow } = rightsOf(objects, 'bot-executor');
    expect(narrow.filter((right) => right.startsWith('bot-nodes:'))).toContain('bot-nodes: create pods');
    find(objects, 'Namespace', 'bot-nodes');
    expect(JSON.stringify(objects)).not.toMatch(/imagepull-node|@NAME@/);
  });

  it('gives a role its own address of Redis', async () => {
    const names = deployments(await render(valuesOf('external-redis'))).map(
      (deployment) => JSON.stringify(deployment.spec).match(/"REDIS_URL".*?"name":"([^"]+)"/)?.[1],
    );
    expect(names.sort()).toEqual(['redis-gateway', 'redis-worker']);
  });

  it('names every image by digest where digests are given', async () => {
    const images = (await render(valuesOf('air-gapped'))).flatMap(
      ({ spec }) => spec?.template?.spec.containers.map(({ image }) => image) ?? [],
    );
    expect(images.length).toBe(5);
    expect(images.filter((image) => !/^mirror\.corp\.example\/.*@sha256:[0-9a-f]{64}$/.test(image))).toEqual([]);
  });

  it('has no role where somebody else makes them', async () => {
    const objects = await render(valuesOf('bare'));
    expect(objects.filter(({ kind }) => /Role|NetworkPolicy|Disruption/.test(kind))).toEqual([]);
  });

  it('restarts a role whose configuration changed, and no other', async () => {
    const annotations = async (...more: string[]) =>
      deployments(await render([...valuesOf('remedies'), ...more])).map(({ metadata, spec }) => [
        metadata.name,
        JSON.stringify(spec?.template).match(/configuration":"[0-9a-f]+/)?.[0],
      ]);
    const [before, after] = [await annotations(), await annotations('--set', 'remedies.settings.perHour=3')];
    const changed = before.filter(([, hash], at) => hash !== after[at]?.[1]).map(([name]) => name);
    expect(changed).toEqual(['imagepull-gateway', 'imagepull-executor']);
  });
});

/** Helm 4 ends each template with one more of them than Helm 3. */
function withoutEmptyLines(text: string): string {
  return text.replace(/^[ ]*\n/gm, '');
}
