import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rightsIn } from './needed.ts';
import { find, looseEnds, readObjects, rightsOf } from './rendered.ts';

/** What Helm makes of the chart; `npm run test:helm` sees that it is so. */
const FOLDER = 'test/with-helm/golden';
const rendered = (name: string) => readObjects(readFileSync(`${FOLDER}/${name}.yaml`, 'utf8'));
const ALL = readdirSync(FOLDER).map((file) => [file, rendered(file.replace(/\.yaml$/, ''))] as const);

describe('the rights that the chart gives', () => {
  it.each(ALL)('in %s are those that the bot needs with the configuration there, no more and no less', (file, objects) => {
    for (const { needed, given, account } of rightsIn(objects)) expect([file, account, given]).toEqual([file, account, needed]);
  });

  it('with Roles alone hold in the namespaces that are listed, and changes where remedies are wanted', () => {
    const objects = rendered('remedies-with-roles-only');
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
    const changing = rightsOf(objects, 'imagepull-executor').narrow.filter((right) => !/: (?:get|list|watch) /.test(right));
    expect(new Set(changing.map((right) => right.split(':', 1)[0]))).toEqual(new Set(['imagepull', 'shop']));
    expect(changing.filter((right) => right.startsWith('imagepull:'))).toEqual(['imagepull: patch configmaps imagepull-freeze']);
  });

  it('to a gateway are none, nor has it a token', () => {
    for (const [file, objects] of ALL) {
      const gateway = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-gateway'));
      expect([file, rightsOf(objects, gateway?.metadata.name ?? '')]).toEqual([file, { wide: [], narrow: [] }]);
      expect([file, gateway?.spec?.template?.spec.automountServiceAccountToken ?? false]).toEqual([file, false]);
    }
  });
});

describe('what the chart renders', () => {
  it.each(ALL)('in %s runs at the Pod Security level restricted', (_, objects) => {
    expect(objects.flatMap(looseEnds)).toEqual([]);
  });

  it.each(ALL)('in %s holds no Secret, and shows the tokens of Slack to gateways alone', (_, objects) => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const withTokens = objects.filter((object) => JSON.stringify(object).includes('imagepull-slack')).map(({ metadata }) => metadata.name);
    expect(withTokens.filter((name) => !/-gateway(?:-doctor)?$/.test(name))).toEqual([]);
  });

  it('lets nobody but its own processes, and their doctors, reach Valkey', () => {
    const { spec } = find(rendered('default'), 'NetworkPolicy', 'imagepull-valkey');
    expect(spec?.['egress']).toEqual([]);
    const labelled = (label: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'imagepull', [label]: 'true' } } });
    expect(spec?.['ingress']).toEqual([
      { ports: [{ port: 'valkey' }], from: [labelled('imagepull.dev/process'), labelled('imagepull.dev/doctor')] },
    ]);
  });

  it('has a doctor for each role, with its account and secrets, that no Service and no Deployment takes for one of its own', () => {
    const objects = rendered('everything');
    for (const role of ['gateway', 'worker', 'executor']) {
      const [process, doctor] = [find(objects, 'Deployment', `imagepull-${role}`), find(objects, 'Job', `imagepull-${role}-doctor`)].map(
        ({ spec }) => spec?.template,
      );
      const [serving, looking] = [process?.spec.containers[0], doctor?.spec.containers[0]];
      expect([role, doctor?.spec.serviceAccountName, looking?.env]).toEqual([role, process?.spec.serviceAccountName, serving?.env]);
      expect([doctor?.spec.volumes, looking?.volumeMounts]).toEqual([process?.spec.volumes, serving?.volumeMounts]);
      const labels = Object.entries(doctor?.metadata?.labels ?? {});
      const selectors = objects.flatMap(({ kind, spec }) => (kind === 'Service' || kind === 'Deployment' ? [spec?.['selector']] : []));
      const takes = selectors.filter((selector) => {
        const wanted = Object.entries((Object(selector).matchLabels ?? selector) as Readonly<Record<string, string>>);
        return wanted.every(([name, value]) => labels.some(([own, has]) => own === name && has === value));
      });
      expect([role, takes]).toEqual([role, []]);
    }
  });

  it('gives each role that signs its own key', () => {
    const keys = ['gateway', 'executor'].map((role) => {
      const { spec } = find(rendered('everything'), 'Deployment', `imagepull-${role}`);
      return spec?.template?.spec.volumes?.find(({ ['name']: name }) => name === 'key')?.['secret'];
    });
    expect(keys).toMatchObject([{ secretName: 'imagepull-gateway-key' }, { secretName: 'imagepull-executor-key' }]);
    expect(JSON.stringify(find(rendered('everything'), 'Deployment', 'imagepull-worker'))).not.toContain('-key');
  });

  it.each(['alert-rules.yaml', 'dashboard.json'])('has the %s of docs/monitoring', (file) => {
    expect(readFileSync(`helm/monitoring/${file}`, 'utf8')).toBe(readFileSync(`docs/monitoring/${file}`, 'utf8'));
  });
});
