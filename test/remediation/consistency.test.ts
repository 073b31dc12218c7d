import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FindingCode } from '../../src/diagnosis/finding.ts';
import { targetOf } from '../../src/diagnosis/pod/pod.ts';
import { CONTAINER_KINDS, type PodImage, type Target } from '../../src/diagnosis/pod/target.ts';
import { type Remediation, remediationsFor, type Situation } from '../../src/remediation/advice.ts';
import type { CauseGuide } from '../../src/remediation/cause-catalogue.ts';
import type { Command } from '../../src/remediation/command.ts';
import { placeholderValues } from '../../src/remediation/placeholders.ts';
import { forbiddenIn, kubectlCalls, objectionTo, onlyReads } from '../support/kubectl.ts';
import { podObject } from '../support/objects.ts';
import { catalogue } from '../support/rules.ts';

const WORKLOADS = [
  'Pod', 'Node', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job', 'CronJob', 'Rollout', 'Workflow',
]; // biome-ignore format: one row

const IMAGE: PodImage = { kind: 'container', name: 'app', image: 'registry.example/shop/web:1', state: { status: 'not-reached' } };
const TARGET = targetOf(podObject({ pullSecrets: ['regcred'] }), { cluster: 'test' });

function targetFor(workload: string): Target {
  return {
    ...TARGET,
    ...(workload === 'Pod' ? {} : { workload: { kind: workload, name: workload === 'Job' ? 'import' : 'web' } }),
    ...(workload === 'Job' || workload === 'CronJob' ? { job: 'import' } : {}),
  };
}

/** Nothing found, and each finding that a fix of the cause asks for. */
function findingsFor(cause: CauseGuide): readonly (readonly FindingCode[])[] {
  const named = cause.fix.flatMap(({ when, unless }) => [...(when ?? []), ...(unless ?? [])]);
  return [[], ...[...new Set(named)].map((code) => [code])];
}

function everySituation(cause: CauseGuide): readonly (Situation & { readonly target: Target })[] {
  return WORKLOADS.flatMap((workload) =>
    CONTAINER_KINDS.flatMap((kind) =>
      findingsFor(cause).map((found) => ({ image: { ...IMAGE, kind }, target: targetFor(workload), found: new Set(found) })),
    ),
  );
}

function planned(cause: CauseGuide, situation: Situation & { readonly target: Target }): readonly Remediation[] {
  const values = placeholderValues(situation.target, situation.image, { secret: 'regcred', runtime: 'containerd' });
  return remediationsFor(cause, catalogue, situation, values);
}

/** What is wrong with the fixes of a cause in any situation, once each. */
function objections(
  cause: CauseGuide,
  judge: (fixes: readonly Remediation[], situation: Situation) => readonly string[],
): readonly string[] {
  const found = everySituation(cause).flatMap((situation) => {
    const { image, target, found: codes } = situation;
    return judge(planned(cause, situation), situation).map(
      (wrong) => `${target.workload?.kind ?? 'Pod'}, ${image.kind}${[...codes].map((code) => `, ${code}`)}: ${wrong}`,
    );
  });
  return [...new Set(found)];
}

const commandsOf = (fixes: readonly Remediation[]) => fixes.flatMap((fix) => fix.commands);

describe.each(catalogue.causes.map((cause) => [cause.id, cause] as const))('the fixes of %s', (id, cause) => {
  it('are something to do, whatever owns the pod, wherever the image is named, and whatever was found', () => {
    expect(objections(cause, (fixes) => (fixes.length === 0 ? ['nothing to do'] : []))).toEqual([]);
  });

  it('begin with a sentence that needs none before it', () => {
    expect(objections(cause, ([first]) => (first && /^(?:Or|Else|Otherwise|Then)\b/.test(first.title) ? [first.title] : []))).toEqual([]);
  });

  it('are commands that kubectl and the API server accept for these kinds', () => {
    expect(
      objections(cause, (fixes, { image }) =>
        commandsOf(fixes).flatMap(({ run }) => kubectlCalls(run).flatMap((call) => objectionTo(call, image.kind) ?? [])),
      ),
    ).toEqual([]);
  });

  it('say truly what only reads, and change nothing without saying what that risks', () => {
    const wrong = (command: Command) => {
      if (command.effect === 'changes') return command.risk.length > 10 ? [] : [command.run];
      return onlyReads(command.run) ? [] : [command.run];
    };
    expect(objections(cause, (fixes) => commandsOf(fixes).flatMap(wrong))).toEqual([]);
  });

  it('lose no login, show no password, and leave every tag as it is', () => {
    expect(objections(cause, (fixes) => commandsOf(fixes).flatMap(({ run }) => forbiddenIn(run)))).toEqual([]);
  });

  it('agree with the page of the cause', () => {
    const page = readFileSync(`docs/causes/${id}.md`, 'utf8');
    const linked = [...page.matchAll(/\]\(([a-z-]+\.md)\)/g)].map((match) => readFileSync(`docs/causes/${match[1]}`, 'utf8'));
    const text = [page, ...linked].join('\n').replace(/\s+/g, ' ');
    const situation = { image: IMAGE, target: targetFor('Deployment'), found: new Set<FindingCode>() };
    const changes = commandsOf(planned(cause, situation)).filter(({ effect }) => effect === 'changes');
    const missing = changes.map(({ run }) => signatureOf(run)).filter((words) => !text.includes(words));
    expect(missing).toEqual([]);
    expect(forbiddenIn(page)).toEqual([]);
  });
});

/** The words of a command that a page would use as well. */
function signatureOf(run: string): string {
  const [last = run] =
    run
      .split('\n')
      .at(-1)
      ?.match(/(?:kubectl|crictl|systemctl|skopeo|cosign|docker|crane) .{1,200}/) ?? [];
  return last
    .split(' ')
    .slice(
      0,
      last.startsWith('kubectl create')
        ? 4
        : last.startsWith('kubectl patch --local')
          ? 3
          : 2 + Number(/^kubectl (?:set|rollout|patch s)/.test(last)),
    )
    .join(' ');
}
