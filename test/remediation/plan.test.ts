import { describe, expect, it } from 'vitest';
import { targetOf } from '../../src/diagnosis/pod.ts';
import { fillCommand, placeholderValues } from '../../src/remediation/placeholders.ts';
import { planRemediation } from '../../src/remediation/plan.ts';
import { podObject } from '../support/objects.ts';
import { catalogue } from '../support/rules.ts';

const causeOf = (id: string) => catalogue.causes.find((cause) => cause.id === id);
function valuesFor(given: Parameters<typeof podObject>[0]) {
  const target = targetOf(podObject(given), { cluster: 'test' });
  const [image] = target.images;
  if (!image) throw new Error('a pod has an image');
  return { about: { image, workloadKind: target.workload?.kind }, values: placeholderValues(target, image, undefined) };
}

describe('commands to copy', () => {
  it('are filled in for the workload that owns the pod', () => {
    const { about, values } = valuesFor({ owner: { kind: 'ReplicaSet', name: 'web-7d9c5' }, labels: { 'pod-template-hash': '7d9c5' } });
    const [fix] = planRemediation(causeOf('tag-not-found'), catalogue, about, values);
    expect(fix?.commands).toContain('kubectl set image -n shop deployment/web app=<existing image>');
  });

  it('change the pod itself where nothing owns it, and offer no roll-back', () => {
    const { about, values } = valuesFor({});
    const fixes = planRemediation(causeOf('tag-not-found'), catalogue, about, values);
    expect(fixes.flatMap((fix) => fix.commands)).toContain('kubectl set image -n shop pod/web-0 app=<existing image>');
    expect(fixes.map((fix) => fix.action)).not.toContain('roll-back');
  });

  it('do nothing to a Job or a bare pod that it would refuse or not survive', () => {
    const actionsFor = (id: string, given: Parameters<typeof podObject>[0]) => {
      const { about, values } = valuesFor(given);
      return planRemediation(causeOf(id), catalogue, about, values).map((fix) => fix.action);
    };
    const job = { owner: { kind: 'Job', name: 'import' } };
    expect(actionsFor('tag-not-found', job)).toEqual(['recreate-job']);
    expect(actionsFor('pull-never', job)).toEqual(['load-image', 'recreate-job']);
    expect(actionsFor('pull-never', {})).toEqual(['load-image', 'recreate-pod']);
    expect(actionsFor('credentials-missing', {})).toEqual(['create-pull-secret', 'attach-pull-secret', 'recreate-pod']);
    expect(actionsFor('credentials-missing', job)).toEqual(['create-pull-secret', 'attach-pull-secret', 'delete-pod']);
  });

  it('show what a service account has before its list is replaced', () => {
    const { about, values } = valuesFor({});
    const attach = planRemediation(causeOf('credentials-missing'), catalogue, about, values).find(
      (fix) => fix.action === 'attach-pull-secret',
    );
    expect(attach?.title).toContain('replaces its list');
    expect(attach?.commands[0]).toContain('kubectl get serviceaccount default');
    const text = JSON.stringify(planRemediation(causeOf('rate-limited'), catalogue, about, values));
    expect(text).not.toContain('kubectl patch serviceaccount');
  });

  it('name Docker Hub by the key that the kubelet looks for', () => {
    const { about, values } = valuesFor({ image: 'acme/web:1' });
    expect(planRemediation(causeOf('credentials-missing'), catalogue, about, values)[0]?.commands[0]).toContain(
      '--docker-server=https://index.docker.io/v1/',
    );
  });

  it('try the host that failed, which need not be the registry, and never pull a debug image on a node that cannot', () => {
    const target = targetOf(podObject({ image: 'registry.example/web:1' }), { cluster: 'test' });
    const [image] = target.images;
    if (!image) throw new Error('a pod has an image');
    const about = { image, workloadKind: undefined };
    const [fix] = planRemediation(causeOf('network-timeout'), catalogue, about, placeholderValues(target, image, 'auth.example:8443'));
    expect(fix?.commands[0]).toContain('nc -zv -w 5 auth.example 8443');
    expect(JSON.stringify(catalogue)).not.toMatch(/--image=[a-z]/);
  });

  it('quote what a shell could take for more than a word', () => {
    const { values } = valuesFor({ image: '$(reboot);`id`' });
    expect(fillCommand('crane manifest {image}', values)).toBe("crane manifest '$(reboot);`id`'");
    expect(fillCommand('echo {image}', { ...values, image: "a'b c" })).toBe("echo 'a'\\''b c'");
  });

  it('never put such a value inside quotes of the command', () => {
    const { values } = valuesFor({});
    expect(fillCommand('kubectl patch -p \'{"name":"{container}"}\'', { ...values, container: `x' ; reboot '` })).toBe(
      'kubectl patch -p \'{"name":"<container>"}\'',
    );
  });
});
