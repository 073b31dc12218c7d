import { describe, expect, it } from 'vitest';
import type { FindingCode } from '../../src/diagnosis/finding.ts';
import { targetOf } from '../../src/diagnosis/pod/pod.ts';
import { type Remediation, remediationsFor } from '../../src/remediation/advice.ts';
import { fillCommand, type KnownNames, placeholderValues } from '../../src/remediation/placeholders.ts';
import { podObject } from '../support/objects.ts';
import { catalogue } from '../support/rules.ts';

type Given = Parameters<typeof podObject>[0];

function situationOf(given: Given, found: readonly FindingCode[] = [], known: KnownNames = {}) {
  const target = targetOf(podObject(given), { cluster: 'test' });
  const [image] = target.images;
  if (!image) throw new Error('a pod has an image');
  return { situation: { image, target, found: new Set(found) }, values: placeholderValues(target, image, known) };
}

function plan(id: string, given: Given, found: readonly FindingCode[] = [], known: KnownNames = {}): readonly Remediation[] {
  const { situation, values } = situationOf(given, found, known);
  const cause = catalogue.causes.find((candidate) => candidate.id === id);
  return remediationsFor(cause, catalogue, situation, values);
}

const actions = (fixes: readonly Remediation[]) => fixes.map((fix) => fix.action);
const runs = (fixes: readonly Remediation[]) => fixes.flatMap((fix) => fix.commands.map((command) => command.run));
const web = { owner: { kind: 'ReplicaSet', name: 'web-7d9c5' }, labels: { 'pod-template-hash': '7d9c5' } };

describe('commands to copy', () => {
  it.each([
    { kind: '--filename=https:/', name: 'evil.example/x.yaml' },
    { kind: '-v=9', name: 'web' },
    { kind: 'Deployment', name: '--server=https://evil.example' },
  ])('take no option from the owner $kind/$name, which is whatever the author of the pod wrote', (owner) => {
    for (const run of runs(plan('tag-not-found', { owner }))) {
      expect(run).not.toMatch(/evil|-v=9/);
      expect(run).not.toMatch(/ -[^ ]*(?:filename|server)/);
    }
  });
  it('take no value for an option that begins with a dash', () => {
    const { values } = situationOf({});
    expect(fillCommand('kubectl get pod {pod}', { ...values, pod: '--raw=/' })).toBe('kubectl get pod <pod>');
  });

  it('are filled in for the workload that owns the pod', () => {
    expect(runs(plan('tag-not-found', web))).toContain('kubectl set image -n shop deployment/web app=<corrected image>');
  });

  it('change the pod itself where nothing owns it, and offer no roll-back', () => {
    const fixes = plan('tag-not-found', {});
    expect(runs(fixes)).toContain('kubectl set image -n shop pod/web-0 app=<corrected image>');
    expect(actions(fixes)).toEqual(['set-image']);
  });

  it('name Docker Hub by the key that the kubelet looks for', () => {
    expect(runs(plan('credentials-missing', { image: 'acme/web:1' }))[0]).toContain('{"auths":{"https://index.docker.io/v1/":');
  });

  it('try the host that failed, which need not be the registry, and never pull a debug image on a node that cannot', () => {
    const [run] = runs(plan('network-timeout', {}, [], { host: 'auth.example:8443' }));
    expect(run).toContain('https://auth.example:8443/v2/');
    expect(JSON.stringify(catalogue)).not.toMatch(/--image=[a-z]/);
  });

  it('name the runtime of the node, and none that it may not have', () => {
    expect(runs(plan('runtime-unavailable', {}, [], { runtime: 'crio' }))).toContain('systemctl restart crio');
    expect(runs(plan('runtime-unavailable', {}))).toContain('systemctl restart <runtime>');
  });

  it('quote what a shell could take for more than a word', () => {
    const { values } = situationOf({ image: '$(reboot);`id`' });
    expect(fillCommand('crane manifest {image}', values)).toBe("crane manifest '$(reboot);`id`'");
    expect(fillCommand('echo {image}', { ...values, image: "a'b c" })).toBe("echo 'a'\\''b c'");
  });

  it('never put such a value inside quotes of the command', () => {
    const { values } = situationOf({});
    const patch = 'kubectl patch -p \'{"name":"{container}"}\'';
    for (const container of [`x' ; reboot '`, 'x","image":"evil', '$(reboot)'])
      expect(fillCommand(patch, { ...values, container })).toBe('kubectl patch -p \'{"name":"<container>"}\'');
    expect(fillCommand('echo "{container}"', { ...values, container: '[a]' })).toBe('echo "<container>"');
  });
});

describe('the secret of a fix', () => {
  const pod = { ...web, pullSecrets: ['healthy', 'stale'] };

  it('is the one that the evidence names, never the first of the pod', () => {
    const fixes = plan('credentials-rejected', pod, [], { secret: 'stale' });
    expect(fixes[0]?.title).toContain('stale');
    expect(runs(fixes).join('\n')).not.toContain('healthy');
    expect(runs(plan('credentials-rejected', pod)).join('\n')).toMatch(/get secret <secret> -n shop/);
  });

  it('has a name of its own where a new one is made, and the others stay attached', () => {
    const fixes = plan('secret-wrong-type', { ...pod, pullSecrets: ['stale', 'pull-registry.example'] }, [], { secret: 'stale' });
    const all = runs(fixes).join('\n');
    expect(all).toContain('kubectl create secret generic pull-registry.example-2 -n shop');
    expect(all).toContain('"imagePullSecrets":[{"name":"stale"},{"name":"pull-registry.example"},{"name":"pull-registry.example-2"}]');
    expect(all).not.toContain('delete secret');
  });

  it('is made where it is missing, and waited for where it is there by now', () => {
    expect(runs(plan('secret-not-found', pod, ['secret/not-found'], { secret: 'stale' }))[0]).toContain(
      'kubectl create secret generic stale',
    );
    expect(actions(plan('secret-not-found', pod, ['secret/matches'], { secret: 'stale' }))).toEqual(['wait']);
  });

  it('joins the list of a service account, which no patch shortens', () => {
    const [add, start] = plan('credentials-missing', web).find((fix) => fix.action === 'attach-pull-secret')?.commands ?? [];
    expect(add?.run).toContain('"op":"add","path":"/imagePullSecrets/-"');
    expect(start?.run).toContain('"op":"test","path":"/imagePullSecrets","value":null');
    const known = plan('credentials-missing', web, ['secret/none-on-service-account']).find((fix) => fix.action === 'attach-pull-secret');
    expect(known?.commands.map((command) => command.run)).toEqual([start?.run]);
  });
});

describe('a fix fits what was found', () => {
  it.each<[string, FindingCode, readonly string[]]>([
    ['tag-not-found', 'registry/exists', ['wait']],
    ['repository-not-found', 'registry/exists', ['wait']],
    ['platform-mismatch', 'registry/platform-offered', ['wait']],
    ['registry-unavailable', 'registry/exists', ['wait']],
    ['pull-never', 'node/image-present', ['change-pull-policy']],
    ['rate-limited', 'secret/matches', ['raise-limit', 'mirror-image']],
    ['denied-or-missing', 'secret/matches', ['verify-image', 'grant-access', 'set-image']],
  ])('%s with %s', (cause, found, wanted) => {
    expect(actions(plan(cause, web, [found]))).toEqual(wanted);
  });

  it('takes http:// out where the port speaks TLS, and proves no answer by a connection', () => {
    expect(plan('http-https-mismatch', web, ['endpoint/speaks-tls'])[0]?.title).toMatch(/remove http:\/\//);
    expect(plan('http-https-mismatch', web, ['endpoint/plain-http'])[0]?.title).not.toMatch(/remove/);
    for (const cause of ['pull-no-progress', 'connection-reset', 'network-timeout'])
      expect(runs(plan(cause, web)).join()).not.toContain('nc -z');
  });

  it('adds a login where the pod gets its secrets from: a pod that names any gets none of its account', () => {
    expect(actions(plan('rate-limited', web, ['pod/no-pull-secret', 'secret/none-on-service-account']))).toEqual([
      'create-pull-secret',
      'attach-pull-secret',
      'restart-pods',
      'mirror-image',
    ]);
    const named = plan('rate-limited', { ...web, pullSecrets: ['other'] }, ['pod/pull-secret-attached']);
    expect(actions(named)).toEqual(['create-pull-secret', 'attach-pull-secret', 'mirror-image']);
    expect(runs(named).join()).toContain('"imagePullSecrets":[{"name":"other"},{"name":"pull-registry.example"}]');
  });

  it('merges a login into a secret that parses, and rewrites one that does not', () => {
    expect(actions(plan('secret-malformed', web, ['secret/no-login'], { secret: 'a' }))).toEqual(['replace-login']);
    expect(actions(plan('secret-malformed', web, ['secret/malformed', 'secret/no-login']))).toEqual(['rewrite-pull-secret']);
    expect(actions(plan('secret-malformed', web))).toEqual(['inspect-pull-secret']);
  });
});

describe('where a tool applies the manifests', () => {
  it('the fix says so first and shows the change for Git', () => {
    const [first, second] = plan('tag-not-found', {
      ...web,
      labels: { ...web.labels, 'helm.sh/chart': 'web-1.2', 'app.kubernetes.io/instance': 'shop-web' },
    });
    expect(first).toMatchObject({
      action: 'change-manifest',
      title: expect.stringMatching(/Helm.*label helm\.sh\/chart of the pod.*takes a kubectl change back/),
      commands: [{ run: 'helm get values -n shop shop-web', effect: 'reads' }],
      manifest: ['- image: registry.example/shop/web:1', '+ image: <corrected image>'],
    });
    expect(second?.action).toBe('set-image');
  });

  it('says it before the change that does not last, and nothing where no manifest has to change', () => {
    const labels = { ...web.labels, 'argocd.argoproj.io/instance': 'web' };
    expect(actions(plan('dns-failure', { ...web, labels }))).toEqual(['check-dns', 'change-manifest', 'set-image']);
    expect(actions(plan('network-timeout', { ...web, labels }))).toEqual(['open-egress']);
  });
});
