import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/eventually.ts';
import { deployment, type OwnNamespace, ownNamespace } from './cluster.ts';
import { ANN, BOB, CHANNEL, type Mode, type Release, startRelease } from './release.ts';
import { pullableImage } from './tag.ts';

const PATIENCE_MS = 240_000;
const { repository, giveTag } = pullableImage();

/** What one mode has: a release, the namespace that it is for, and its own. */
function releaseIn(mode: Mode): { own(): OwnNamespace; bot(): OwnNamespace; release(): Release } {
  const made: { own?: OwnNamespace; bot?: OwnNamespace; release?: Release } = {};
  const there = <T>(one: T | undefined): T => {
    if (one === undefined) throw new Error('it was not made');
    return one;
  };
  beforeAll(async () => {
    [made.own, made.bot] = await Promise.all([ownNamespace(), ownNamespace()]);
    made.release = await startRelease(mode, { own: made.own, bot: made.bot });
  });
  afterAll(async () => {
    await made.release?.stop();
    await Promise.all([made.own?.remove(), made.bot?.remove()]);
  });
  return { own: () => there(made.own), bot: () => there(made.bot), release: () => there(made.release) };
}

/** A Deployment that was rolled out well, and then to a tag that there is not; answers with the pod that fails and the tag before. */
async function brokenRollout(own: OwnNamespace): Promise<{ readonly pod: string; readonly good: string }> {
  const good = `${repository}:imagepull-${own.name}`;
  await giveTag(`imagepull-${own.name}`);
  await own.apply(deployment('web', good));
  await eventually(async () => expect(await own.kubectl('get', 'deployment', 'web')).toMatch(/1\/1/), PATIENCE_MS);
  await own.kubectl('set', 'image', 'deployment/web', `app=${good}x`);
  let pod = '';
  await eventually(async () => {
    const lines = (await own.kubectl('get', 'pods', '-l', 'app=web', '--no-headers')).split('\n');
    pod = lines.find((line) => /ImagePullBackOff/.test(line))?.split(/\s+/)[0] ?? '';
    expect(pod).not.toBe('');
  }, PATIENCE_MS);
  return { pod, good };
}

/** Diagnoses a pod after an alert, and once more because somebody asks. */
async function diagnosed({ slack, card, log, alert }: Release, { name }: OwnNamespace, pod: string): Promise<void> {
  const concluded = async () => {
    await eventually(() => expect(`${card()?.text}\n${log()}`).toMatch(/ checks/), PATIENCE_MS);
    await eventually(() => expect(card()?.text).not.toMatch(/^Looking into/), PATIENCE_MS);
  };
  await alert(pod);
  await concluded();
  const edits = card()?.edits.length ?? 0;
  await slack.command({ user: ANN, channel: CHANNEL, text: `diagnose ${name}/${pod}` });
  await eventually(() => expect(card()?.edits.length).toBeGreaterThan(edits), PATIENCE_MS);
  await concluded();
}

describe.each(['cluster', 'namespaces'] as const)(
  'what the chart starts with scope %s: a gateway without an account, a worker that reads, an executor that may',
  (mode) => {
    const { own, release } = releaseIn(mode);

    it('diagnoses after an alert and a question and, approved, rolls back', async () => {
      const { pod, good } = await brokenRollout(own());
      await diagnosed(release(), own(), pod);
      const { slack, card, log } = release();
      const says = (wanted: RegExp) => eventually(() => expect(`${card()?.text}\n${log()}`).toMatch(wanted), PATIENCE_MS);
      const click = async (user: string, label: string) => {
        const message = card();
        if (message) await slack.click({ user, message, label });
      };
      await click(ANN, 'Roll back');
      await says(/needs 1 approval/);
      const before = slack.workspace.views.length;
      await click(BOB, 'Review …');
      await eventually(() => expect(slack.workspace.views.length).toBe(before + 1), PATIENCE_MS);
      await slack.submit({ user: BOB, view: before, values: { 'imagepull.plan.reason': '' } });
      await says(/^Fixed/);
      const image = 'jsonpath={.spec.template.spec.containers[0].image}';
      expect(await own().kubectl('get', 'deployment', 'web', '-o', image)).toBe(good);
    });

    it('has all that the doctor asks for, but what the mode does without', async () => {
      const { doctor } = release();
      expect(await doctor('gateway')).toEqual({ code: 0, wrong: [] });
      // Where there are Roles alone, nobody reads a node.
      const nodes = (id: string) => (mode === 'cluster' ? [] : [`warning ${id}: Not allowed: get nodes.`]);
      expect(await doctor('worker')).toEqual({ code: 0, wrong: nodes('rights-nodes') });
      expect(await doctor('executor')).toEqual({ code: 0, wrong: nodes('rights-proof') });
    });
  },
);

describe('what the chart starts in read-only mode', () => {
  const { own, release } = releaseIn('read-only');

  it('diagnoses after an alert and a question, and offers nothing that would change something', async () => {
    const { pod } = await brokenRollout(own());
    await diagnosed(release(), own(), pod);
    expect(JSON.stringify(release().card()?.blocks)).not.toMatch(/Roll back|Set image|Delete pod/);
  });

  it('has all that the doctor asks for, and is told of a right that is taken away', async () => {
    const { roles, doctor, reader } = release();
    for (const role of roles) expect([role, await doctor(role)]).toEqual([role, { code: 0, wrong: [] }]);
    const { rules } = Rules.parse(JSON.parse(await own().kubectl('get', 'clusterrole', reader, '-o', 'json')));
    const replace = (value: unknown) =>
      own().kubectl('patch', 'clusterrole', reader, '--type=json', '-p', JSON.stringify([{ op: 'replace', path: '/rules', value }]));
    const isOfPods = ({ resources }: (typeof rules)[number]) => resources?.includes('pods') ?? false;
    await replace(rules.map((rule) => (isOfPods(rule) ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'list') } : rule)));
    const missing = { code: 1, wrong: [`broken rights-diagnosis: Not allowed in ${own().name}: list pods.`] };
    await eventually(async () => expect(await doctor('worker')).toEqual(missing), PATIENCE_MS);
    await replace(rules);
    await eventually(async () => expect(await doctor('worker')).toEqual({ code: 0, wrong: [] }), PATIENCE_MS);
  });
});

const Rules = z.object({ rules: z.array(z.looseObject({ resources: z.array(z.string()).optional(), verbs: z.array(z.string()) })) });
