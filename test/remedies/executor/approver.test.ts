import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from '../../../src/demo/cluster/access/rights.ts';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import { asExecutor, rule } from '../../support/executor-account.ts';
import { BOB, type ExecutorWorld, type ExecutorWorldOptions, executorWorld, ROLL_BACK, saysOf } from '../../support/executor-world.ts';
import { BAD } from '../../support/remedy-objects.ts';

let world: ExecutorWorld;
afterEach(() => world?.stop());

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

const start = async (options?: ExecutorWorldOptions): Promise<void> => {
  world = await executorWorld(options);
};

describe('the rights of whoever approved', () => {
  const reviews = [rule('authorization.k8s.io', 'subjectaccessreviews', ['create'])];
  const group = 'sre';
  const groupsOf = (user: string) => (user === BOB.clusterUser ? [group] : []);
  const deciders = { version: 1, organisation: 'T0WORK', rules: [{ name: 'all', approvers: { users: ['U0BOB', 'U0EVE'] }, approvals: 2 }] };

  async function reviewed(approver: 'review' | 'impersonate', more: readonly Rule[] = []) {
    const server = await asExecutor(certificates, [rule('apps', 'deployments', ['patch']), ...reviews, ...more]);
    await start({ server, policy: deciders, executor: { approver, groupsOf } });
    const record = await world.propose(ROLL_BACK);
    await world.grant(record);
    return record;
  }
  const patching = [rule('apps', 'deployments', ['patch'], { namespace: 'shop' })];

  it('are reviewed for exactly the plan, with the groups that they have', async () => {
    const record = await reviewed('review');
    world.server.rights.set({ group }, patching);
    world.server.rights.set({ user: 'eve@example.com' }, patching);
    expect((await world.apply(record)).execution?.status).toBe('applied');
    expect(world.server.requests.filter((request) => request.includes('subjectaccessreviews'))).toHaveLength(2);
  });

  it('have to be there for each of them, and what is said names nobody', async () => {
    const record = await reviewed('review');
    world.server.rights.set({ group }, patching);
    const { execution } = await world.apply(record);
    expect(execution).toMatchObject({
      status: 'refused',
      says: 'The cluster does not allow one of those who approved it to patch Deployment web. Nothing was done.',
    });
    expect(world.writes).toEqual([]);
  });

  it('are none of somebody whom the cluster does not know', async () => {
    const record = await reviewed('review');
    await world.grant(record, { anonymous: true });
    expect(saysOf(await world.apply(record))).toContain('is known as no user of the cluster (remedies.identities)');
    expect(world.writes).toEqual([]);
  });

  it('are what the write is judged by where it is done in their name, with user and groups', async () => {
    let seen: readonly unknown[] = [];
    const impersonation = [
      rule('', 'users', ['impersonate'], { resourceNames: [BOB.clusterUser, 'eve@example.com'] }),
      rule('', 'groups', ['impersonate'], { resourceNames: [group] }),
    ];
    const record = await reviewed('impersonate', impersonation);
    world.server.rights.set({ group }, patching);
    world.server.rights.set({ user: 'eve@example.com' }, patching);
    world.onWrite = ({ headersDistinct }) => {
      seen = [headersDistinct['impersonate-user'], headersDistinct['impersonate-group']];
      return false;
    };
    const users: string[] = [];
    world.server.admission.add({
      kind: 'validating',
      name: 'who.example',
      review({ kind, user, dryRun }) {
        if (kind === 'Deployment' && !dryRun) users.push(user);
        return { allowed: true };
      },
    });
    expect((await world.apply(record)).execution?.status).toBe('applied');
    expect(users).toEqual([expect.stringMatching(/^(bob|eve)@example\.com$/)]);
    expect(seen[0]).toEqual(users);
  });

  it('do not help an executor that may not act in their name', async () => {
    const record = await reviewed('impersonate');
    world.server.rights.set({ group }, patching);
    world.server.rights.set({ user: 'eve@example.com' }, patching);
    const { execution } = await world.apply(record);
    expect(execution?.status).toBe('refused');
    expect(saysOf({ execution })).toMatch(/impersonate/);
    expect(world.specNow()).toContain(BAD);
  });
});
