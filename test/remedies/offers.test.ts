import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ApprovalPolicy } from '../../src/approval/policy.ts';
import { observed } from '../../src/diagnosis/evidence.ts';
import type { Target } from '../../src/diagnosis/pod/target.ts';
import { readRecordingFolder } from '../../src/recording/recording-folder.ts';
import { approvable, chosenRemedy, nextOf, type Offer, offersOf as offersFor } from '../../src/remedies/offers.ts';
import { RISK_OF } from '../../src/remedies/remedy-risk.ts';
import type { Conclusion, Run } from '../../src/runbook/run.ts';
import { diagnoseRecording } from '../support/diagnosis.ts';
import { conclusionObject, runObject } from '../support/incidents.ts';

const PLAN = 'p0123456789';
/** Without tasks on nodes. */
const offersOf = (run: Run) => offersFor(run, { nodeTasks: false });
const runOf = async (name: string): Promise<Run> => diagnoseRecording(await readRecordingFolder(`test/cases/${name}`));
const ids = (offers: readonly Offer[]) => offers.map(({ id }) => id);

/** A case, what its workload is in place of what was recorded, and what is offered. */
const CASES: readonly (readonly [name: string, workload: Partial<Target> | undefined, offers: readonly string[]])[] = [
  ['made-tag-not-found', undefined, ['set-image', 'roll-back']],
  ['made-tag-not-found', { workload: { kind: 'StatefulSet', name: 'web' } }, ['set-image', 'roll-back']],
  ['made-tag-not-found', { workload: { kind: 'DaemonSet', name: 'web' } }, ['set-image', 'roll-back']],
  ['made-tag-not-found', { workload: { kind: 'Job', name: 'web' } }, []],
  ['made-tag-not-found', { workload: { kind: 'CronJob', name: 'web' } }, []],
  ['made-tag-not-found', { workload: { kind: 'ReplicaSet', name: 'web' } }, []],
  ['made-tag-not-found', { workload: { kind: 'Rollout', name: 'web' } }, []],
  ['made-tag-not-found', { managedBy: { tool: 'Helm', sign: 'a label' } }, []],
  ['made-applied-by-argo-cd', undefined, []],
  ['made-moved-image', undefined, ['set-image', 'roll-back']],
  ['made-platform-mismatch', undefined, ['set-image', 'roll-back']],
  ['made-repository-not-found', undefined, ['roll-back']],
  ['made-dns-failure-on-the-node-only', undefined, ['roll-back']],
  ['made-credentials-missing', undefined, ['attach-pull-secret']],
  ['made-credentials-missing', { workload: { kind: 'Job', name: 'web' } }, []],
  ['made-rate-limited', undefined, ['attach-pull-secret']],
  ['made-tag-there-after-all', undefined, ['delete-pod']],
  ['made-tag-there-after-all', { workload: { kind: 'Job', name: 'web' } }, ['delete-pod']],
  ['made-tag-there-after-all', { workload: { kind: 'Sandbox', name: 'web' } }, []],
  ['made-tag-there-after-all', { managedBy: { tool: 'Helm', sign: 'a label' } }, ['delete-pod']],
  ['made-pull-qps', undefined, ['delete-pod']],
  ['made-registry-unavailable', undefined, []],
  ['private-sa-late-pod', undefined, []],
  ['private-sa-late-pod', { workload: { kind: 'Deployment', name: 'web' } }, ['delete-pod']],
  ['tag-missing', undefined, []],
  ['invalid-name', { workload: { kind: 'Deployment', name: 'web' } }, ['roll-back']],
  ['crashloop', { workload: { kind: 'Deployment', name: 'web' } }, []],
  ['https-to-http', { workload: { kind: 'Deployment', name: 'web' } }, []],
];

describe('what a verdict offers', () => {
  it.each(CASES)('of the case %s with %o is %j', async (name, workload, offers) => {
    const run = await runOf(name);
    expect(ids(offersOf({ ...run, target: { ...run.target, ...workload } }))).toEqual(offers);
  });

  it('is nothing where only people can do what is advised: disks, kubelets, registries, logins, certificates', async () => {
    const ours = new Set(['set-image', 'roll-back', 'attach-pull-secret', 'wait', 'restart-pods']);
    let seen = 0;
    for (const name of readdirSync('test/cases')) {
      const run = await runOf(name);
      if ((run.conclusion?.remediation ?? []).some(({ action }) => ours.has(action))) continue;
      seen += 1;
      expect(offersOf({ ...run, target: { ...run.target, workload: { kind: 'Deployment', name: 'web' } } }), name).toEqual([]);
    }
    expect(seen).toBeGreaterThan(30);
  });

  it('is nothing before a run has concluded', () => {
    expect(offersOf(runObject({ id: 'r' }))).toEqual([]);
  });

  it('is to restart a workload where several of its pods fail, and else to delete the pod', async () => {
    const run = await runOf('made-tag-there-after-all');
    const { conclusion } = run;
    if (!conclusion) throw new Error('it has no conclusion');
    const withPods = (pods: number, workload: NonNullable<Target['workload']>) =>
      ids(
        offersOf({
          ...run,
          target: { ...run.target, workload },
          conclusion: { ...conclusion, scope: { ...conclusion.scope, pods } as NonNullable<Conclusion['scope']> },
        }),
      );
    expect(withPods(3, { kind: 'Deployment', name: 'web' })).toEqual(['restart-workload']);
    expect(withPods(1, { kind: 'Deployment', name: 'web' })).toEqual(['delete-pod']);
    expect(withPods(3, { kind: 'Job', name: 'web' })).toEqual(['delete-pod']);
  });

  it('is to cordon a node only where its own cause is confirmed and reaches the node', () => {
    const given = (level: 'node' | 'pod', confidence: 'confirmed' | 'likely', node: string | undefined = 'node-1') => {
      const run = runObject({ id: 'r' });
      const conclusion = {
        ...conclusionObject('disk-full', { confidence }),
        scope: { level, pods: 3 } as NonNullable<Conclusion['scope']>,
      };
      return ids(offersOf({ ...run, target: { ...run.target, ...(node === '' ? {} : { node }) }, conclusion }));
    };
    expect(given('node', 'confirmed')).toEqual(['cordon-node']);
    expect(given('node', 'likely')).toEqual([]);
    expect(given('pod', 'confirmed')).toEqual([]);
    expect(given('node', 'confirmed', '')).toEqual([]);
  });

  it('changes no ephemeral container and no image volume', async () => {
    const run = await runOf('made-tag-not-found');
    for (const kind of ['ephemeral container', 'image volume'] as const) {
      const images = run.target.images.map((image) => ({ ...image, kind }));
      expect(offersOf({ ...run, target: { ...run.target, images } }), kind).toEqual([]);
    }
  });
});

describe('a look from the node', () => {
  const withTasks = { nodeTasks: true };
  const look = (run: Run) => offersFor(run, withTasks).find(({ id }) => id === 'probe-node');

  it('is offered where it tells more than one from elsewhere, and not where nothing runs on nodes', async () => {
    const looked = async (name: string) => look(await runOf(name));
    expect(await looked('made-dns-failure-on-the-node-only')).toMatchObject({ remedy: { look: 'probe' } });
    expect(await looked('made-registry-unavailable')).toMatchObject({ remedy: { look: 'probe' } });
    expect(await looked('made-tag-not-found')).toBeUndefined();
    expect(await looked('made-credentials-missing')).toBeUndefined();
    expect(offersOf(await runOf('made-dns-failure-on-the-node-only')).map(({ id }) => id)).not.toContain('probe-node');
  });

  it('is a pull once a probe has not settled it, and nothing once a pull has worked', async () => {
    const run = await runOf('made-dns-failure-on-the-node-only');
    const { conclusion } = run;
    if (!conclusion) throw new Error('it has no conclusion');
    const unsure = { ...conclusion, verdict: { ...conclusion.verdict, confidence: 'likely' } } as const;
    const seen = (code: 'endpoint/answers' | 'registry/exists') => ({
      code,
      says: code,
      evidence: [observed('node', { from: 'node', at: '2026-03-01T10:00:00Z', text: code })],
    });
    const probed = { ...run, conclusion: unsure, findings: [...run.findings, seen('endpoint/answers')] };
    expect(look(probed)).toMatchObject({ remedy: { look: 'pull' } });
    expect(look({ ...probed, conclusion: { ...unsure, verdict: { ...unsure.verdict, confidence: 'confirmed' } } })).toBeUndefined();
    expect(look({ ...probed, findings: [...probed.findings, seen('registry/exists')] })).toBeUndefined();
  });

  it('is a list of its images where its disk is full, which leads to a pruning', () => {
    const run = runObject({ id: 'r' });
    const conclusion = conclusionObject('disk-full');
    const full = {
      ...run,
      target: { ...run.target, node: 'node-1' },
      conclusion: { ...conclusion, verdict: { ...conclusion.verdict, family: 'disk' as const } },
    };
    const offer = look(full);
    expect(offer).toMatchObject({ label: 'List images of node-1', remedy: { id: 'probe-node', node: 'node-1', look: 'images' } });
    if (!offer || !('remedy' in offer)) throw new Error('there is no remedy');
    expect(nextOf({ id: PLAN, remedy: offer.remedy })).toMatchObject({ remedy: { id: 'prune-images', node: 'node-1', listing: PLAN } });
  });
});

describe('a choice', () => {
  const workload = { namespace: 'shop', kind: 'Deployment', name: 'web' };
  const tag: Offer = {
    id: 'set-image',
    label: '',
    choose: 'tag',
    workload,
    container: 'app',
    image: 'registry.example:5000/shop/web:2@sha256:0',
  };
  const secret: Offer = { id: 'attach-pull-secret', label: '', choose: 'secret', workload, image: 'x' };

  it('stays within the repository of the image', () => {
    expect(chosenRemedy(tag, { tag: '3', digest: 'sha256:1' })).toEqual({
      id: 'set-image',
      workload,
      container: 'app',
      repository: 'registry.example:5000/shop/web',
      tag: '3',
      digest: 'sha256:1',
    });
  });

  it('is none where it does not belong to the offer', () => {
    expect(chosenRemedy(tag, { tag: '3' })).toBeUndefined();
    expect(chosenRemedy(tag, { secret: 'regcred' })).toBeUndefined();
    expect(chosenRemedy(secret, { tag: '3', digest: 'sha256:1' })).toBeUndefined();
    expect(chosenRemedy(secret, { secret: 'regcred' })).toEqual({ id: 'attach-pull-secret', workload, secret: 'regcred' });
  });
});

describe('an undo', () => {
  it('is a remedy of its own where there is one', () => {
    expect(nextOf({ id: PLAN, remedy: { id: 'cordon-node', node: 'node-1' } })).toMatchObject({
      remedy: { id: 'uncordon-node', node: 'node-1' },
    });
    expect(nextOf({ id: PLAN, remedy: { id: 'delete-pod', namespace: 'shop', pod: 'web-0' } })).toBeUndefined();
  });
});

describe('offers and the policy', () => {
  const bob = { users: ['U0BOB'] };
  const policy = (given: object) => ApprovalPolicy.parse({ version: 1, organisation: 'T0WORK', rules: [], ...given });
  const run = runOf('made-tag-not-found');
  const judged = async (given: object, cluster = 'prod') => {
    const { offers, barred } = approvable(offersOf(await run), { policy: policy(given), cluster });
    return { offers: ids(offers), barred };
  };

  it('make a button of what somebody may approve, and say nothing then', async () => {
    expect(await judged({ rules: [{ name: 'all', approvers: bob }] })).toEqual({ offers: ['set-image', 'roll-back'] });
  });

  it('make none where no rule fits, and say which would give one', async () => {
    const { offers, barred } = await judged({ rules: [{ name: 'other', clusters: ['staging'], approvers: bob }] });
    expect(offers).toEqual([]);
    expect(barred).toBe('Nobody may approve set-image in shop on cluster prod at medium risk: add a rule for it to approvals.yaml.');
  });

  it('make none where the rule names nobody, which never means everybody', async () => {
    const { offers, barred } = await judged({ rules: [{ name: 'all' }] });
    expect(offers).toEqual([]);
    expect(barred).toContain('add users or groups to approvers of rule "all" in approvals.yaml');
  });

  it('make none in a forbidden namespace', async () => {
    const { offers, barred } = await judged({ forbiddenNamespaces: ['sh*'], rules: [{ name: 'all', approvers: bob }] });
    expect(offers).toEqual([]);
    expect(barred).toBe('Nothing is changed in namespace shop: forbiddenNamespaces in approvals.yaml names it.');
  });

  it('make buttons of some, and say what is in the way of the others', async () => {
    const { offers, barred } = await judged({ rules: [{ name: 'back', remedies: ['roll-back'], approvers: bob }] });
    expect(offers).toEqual(['roll-back']);
    expect(barred).toContain('Nobody may approve set-image');
  });

  it('ask about a node by rules for every namespace only, and by the risk that its draft will have', () => {
    const cordon: Offer = { id: 'cordon-node', label: '', remedy: { id: 'cordon-node', node: 'node-1' } };
    const offered = (rule: object) =>
      ids(approvable([cordon], { policy: policy({ rules: [{ name: 'r', approvers: bob, ...rule }] }), cluster: 'prod' }).offers);
    expect(offered({})).toEqual(['cordon-node']);
    expect(offered({ namespaces: ['shop'] })).toEqual([]);
    expect(offered({ risks: ['low'] })).toEqual([]);
    expect(offered({ risks: [RISK_OF['cordon-node']] })).toEqual(['cordon-node']);
  });

  it('say nothing where nothing is offered', () => {
    expect(approvable([], { policy: policy({}), cluster: 'prod' })).toEqual({ offers: [] });
  });
});
