import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { ApprovalPolicy } from '../../src/approval/policy.ts';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import { createNoKubelet } from '../../src/cluster/kubelet/no-kubelet.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import { createKubernetesWriter } from '../../src/cluster/writing/kubernetes-writer.ts';
import type { ObjectWriter } from '../../src/cluster/writing/object-writer.ts';
import { type ClusterServer, startCluster } from '../../src/demo/cluster/cluster-server.ts';
import { kubeconfigFor } from '../../src/demo/cluster/kubeconfig.ts';
import { createExecutor } from '../../src/executor/executor.ts';
import type { ExecutorParts } from '../../src/executor/executor-parts.ts';
import { createAccess } from '../../src/intake/access.ts';
import type { People } from '../../src/intake/people.ts';
import { createClusterIdentities } from '../../src/intake/plans/cluster-identity.ts';
import { createPlanDesk, type PlanDesk } from '../../src/intake/plans/plan-desk.ts';
import type { PlanParts } from '../../src/intake/plans/plan-parts.ts';
import { settleAll } from '../../src/intake/plans/settle.ts';
import { standingOf } from '../../src/intake/plans/standing.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { applyEvent } from '../../src/runbook/run.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { MemoryContent, MemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { createExpiringMap } from '../../src/timing/expiring-map.ts';
import { concludedRun, incidentObject } from '../support/incidents.ts';
import { classify } from '../support/rules.ts';
import { newKeys } from '../support/signing-keys.ts';
import { BAD, BOT_NAMESPACE, NAMESPACE, putApplication, putBasics } from './applications.ts';
import { HeldQueue } from './held-queue.ts';

export const CLUSTER = 'prod';
export const CHANNEL = 'C0INCIDENTS';
/** That of the stand-in for Slack. */
export const ORGANISATION = 'T0DEMO';
/** Who asks, two who may approve, two more who may as members of a group, and who may not. */
export const WHO = { ann: 'U0ANN', bob: 'U0BOB', eve: 'U0EVE', fay: 'U0FAY', mallory: 'U0MALLORY', guest: 'U0GUEST' } as const;
export const GROUP = 'S0APPROVERS';

const { ann, bob, eve, fay, guest } = WHO;

/** What people decide by in these tests. */
export const POLICY = ApprovalPolicy.parse({
  version: 1,
  organisation: ORGANISATION,
  admins: { users: [ann, bob] },
  rules: [{ name: 'all', approvers: { users: [ann, bob, eve, guest] }, approvals: 1 }],
});
/** The same by a user group alone. */
export const BY_GROUP = ApprovalPolicy.parse({
  version: 1,
  organisation: ORGANISATION,
  rules: [{ name: 'all', approvers: { groups: [GROUP] }, approvals: 2 }],
});

/** Something that reached the API server to change an object: no dry run and no review, with how it was answered. */
export interface Write {
  readonly request: string;
  readonly status: number;
}

/** What the chat says of people, for tests to change. */
export interface Workforce {
  readonly outsiders: Set<string>;
  readonly foreign: Set<string>;
  readonly members: Set<string>;
  shared: boolean;
}

/** What a process of its own has: store, queue, writer and audit can be stood in for. */
export interface ProcessParts {
  readonly store?: Store;
  readonly queue?: HeldQueue;
  readonly writer?: ObjectWriter;
  readonly audit?: ExecutorParts['audit'];
  readonly people?: People;
}

/** Gateways and executors on one store, with a cluster beside them whose writes are counted. */
export interface PlanWorld {
  readonly content: MemoryContent;
  readonly store: Store;
  readonly queue: HeldQueue;
  readonly cluster: ClusterServer;
  readonly writer: ObjectWriter;
  readonly people: Workforce;
  readonly keys: Record<'gateway' | 'executor', ReturnType<typeof newKeys>>;
  /** Every write so far that was no dry run; and those of them that changed something. */
  readonly sent: readonly Write[];
  readonly done: () => readonly Write[];
  /** Hears of every request to the API server when it has come, and when its answer has gone. */
  readonly hooks: { onRequest: (when: 'asked' | 'answered') => void };
  /** The clock of all processes. */
  now(): Date;
  forward(ms: number): void;
  /** The digest that a tag has at the registry, until it is given another one. */
  digestOf(image: string): string;
  readonly tags: Map<string, string | undefined>;
  /** Repositories that nobody is given anything of without a login. */
  readonly hidden: Set<string>;
  /** A gateway as a process that was started just now. */
  gateway(parts?: ProcessParts): Gateway;
  executor(parts?: ProcessParts): ReturnType<typeof createExecutor>;
  /** An application that cannot be pulled, and the incident about it. */
  application(app: string, image?: string): Promise<string>;
  standing(planId: string): Promise<Awaited<ReturnType<typeof standingOf>>>;
  stop(): Promise<void>;
}

export interface Gateway {
  readonly desk: PlanDesk;
  readonly parts: PlanParts;
  settle(): Promise<void>;
}

/** The digest of a text, as registries write it. */
export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

export async function planWorld(policy: ApprovalPolicy = POLICY, given: { readonly store?: Store } = {}): Promise<PlanWorld> {
  let at = Date.parse('2026-03-01T10:00:00Z');
  const now = () => new Date(at);
  const sent: Write[] = [];
  const hooks: PlanWorld['hooks'] = { onRequest: () => undefined };
  const cluster = await startCluster({
    intercept({ method = 'GET', url = '/' }, response) {
      hooks.onRequest('asked');
      response.on('finish', () => hooks.onRequest('answered'));
      if (['PATCH', 'DELETE', 'PUT'].includes(method) && !url.includes('dryRun=All'))
        response.on('finish', () => sent.push({ request: `${method} ${url.replace(/\?.*/, '')}`, status: response.statusCode }));
      return false;
    },
  });
  putBasics(cluster.store);
  const config = new KubeConfig();
  config.loadFromString(kubeconfigFor(cluster.url));
  const writer = createKubernetesWriter(config, { called: CLUSTER, holder: 'executor' });
  const reader = createKubernetesCluster(config, { called: CLUSTER, holder: 'prover' });
  const tags = new Map<string, string | undefined>();
  const hidden = new Set<string>();
  const tagDigest = (image: string) => (tags.has(image) ? tags.get(image) : digestOf(image));
  const content = new MemoryContent();
  const store = given.store ?? new MemoryStore({ content });
  const queue = new HeldQueue();
  const keys = { gateway: newKeys(), executor: newKeys() };
  const verify = { gateway: keys.gateway.verify, executor: keys.executor.verify };
  const workforce: Workforce = { outsiders: new Set([guest]), foreign: new Set(), members: new Set([bob, eve, fay]), shared: false };
  const everybody = peopleOf(workforce);

  const gateway = (parts: ProcessParts = {}): Gateway => {
    const { sign } = keys.gateway;
    const { people = everybody } = parts;
    const access = createAccess({ clusters: [{ name: CLUSTER, namespaces: { deny: [] } }], rules: undefined, people });
    const own = { store: parts.store ?? store, queue: parts.queue ?? queue };
    const planParts: PlanParts = {
      ...own,
      access,
      people,
      remembered: people,
      policy,
      clusters: [CLUSTER],
      withNodeTasks: [],
      sign,
      verify,
      hash: sha256,
      audit: parts.audit ?? createAuditLog({ store: own.store, sign, hash: sha256, log: SILENT }),
      unfreezing: createExpiringMap({ now: () => at, ttlMs: 600_000, max: 100 }),
      denied: createExpiringMap({ now: () => at, ttlMs: 86_400_000, max: 1_000 }),
      identities: createClusterIdentities({ users: {}, byEmail: false }),
      log: SILENT,
      now,
      newId: randomUUID,
      newNonce: () => randomBytes(16).toString('hex'),
    };
    return { desk: createPlanDesk(planParts), parts: planParts, settle: () => settleAll(planParts) };
  };

  return {
    content,
    store,
    queue,
    cluster,
    writer,
    people: workforce,
    keys,
    sent,
    hooks,
    done: () => sent.filter(({ status, request }) => status < 300 && !request.includes('imagepull-freeze')),
    now,
    forward(ms) {
      at += ms;
    },
    digestOf: (image) => tagDigest(image) ?? '',
    tags,
    hidden,
    gateway,
    executor(parts = {}) {
      const { sign } = keys.executor;
      const own = { store: parts.store ?? store, queue: parts.queue ?? queue };
      return createExecutor({
        ...own,
        clusters: {
          [CLUSTER]: {
            writer: parts.writer ?? writer,
            sources: { cluster: reader, kubelet: createNoKubelet(), registry: registryOf(tagDigest, hidden) },
            mayReadSecrets: true,
            namespace: BOT_NAMESPACE,
            approver: 'off',
          },
        },
        classify,
        policy,
        sign,
        verify,
        hash: sha256,
        groupsOf: () => [],
        perHour: 1_000,
        audit: parts.audit ?? createAuditLog({ store: own.store, sign, hash: sha256, log: SILENT }),
        async tell({ runId }, event) {
          if (event) await own.store.runs.update(runId, (run) => applyEvent(run, { ...event, at: now().toISOString() }));
        },
        log: SILENT,
        now,
      });
    },
    async application(app, image = BAD) {
      putApplication(cluster.store, app, image);
      const incidentId = `incident-${app}`;
      await store.incidents.create({
        ...incidentObject({ id: incidentId, pod: `${app}-new-0`, workload: `Deployment/${app}` }),
        cluster: CLUSTER,
        places: [{ channel: CHANNEL }],
      });
      await store.runs.create(runOf(app, incidentId, image));
      return incidentId;
    },
    standing: async (planId) => {
      const record = await store.plans.read(planId);
      return standingOf(record, { store, people: everybody, policy, verify, hash: sha256, now });
    },
    stop: () => cluster.stop(),
  };
}

function peopleOf(workforce: Workforce): People {
  const { outsiders, foreign, members } = workforce;
  return {
    person: async (user) => ({
      member: !outsiders.has(user),
      organisation: foreign.has(user) ? 'T0OTHER' : ORGANISATION,
      name: `Name of ${user}`,
    }),
    channel: async () => ({ joined: true, open: true, shared: workforce.shared }),
    isIn: async (user) => members.has(user),
    membersOf: async () => [...members],
  };
}

/** A registry that has every tag, and says of some that it has none. */
export function registryOf(digestOfTag: (image: string) => string | undefined, hidden: ReadonlySet<string>): Registry {
  const unused = () => Promise.reject(new Error('not asked here'));
  return {
    ping: unused,
    async listTags({ reference: { registry, repository }, account }) {
      const common = { requests: 1, milliseconds: 1 };
      if (hidden.has(`${registry}/${repository}`) && account.secret === undefined)
        return { ...common, status: 'unauthorized', by: 'registry', code: 'DENIED' };
      return { ...common, status: 'found', tags: ['1', '2', '3'], complete: true };
    },
    askBlob: unused,
    requests: () => 0,
    async askManifest({ reference: { registry, repository, tag, digest: pinned }, account }) {
      const digest = pinned ?? digestOfTag(`${registry}/${repository}:${tag}`);
      const common = { requests: 1, milliseconds: 1 };
      if (hidden.has(`${registry}/${repository}`) && account.secret === undefined)
        return { ...common, status: 'unauthorized', by: 'registry', code: 'DENIED' };
      return digest === undefined
        ? { ...common, status: 'missing', what: 'tag', code: 'MANIFEST_UNKNOWN' }
        : { ...common, status: 'found', digest, content: { kind: 'opaque' } };
    },
  };
}

/** A finished run that advises to wait, to set the image and to roll back. */
function runOf(app: string, incidentId: string, image: string) {
  const run = concludedRun({ id: `run-${app}`, incidentId }, 'tag-missing');
  const { conclusion } = run;
  if (conclusion === undefined) throw new Error('it has no conclusion');
  const advice = (action: string) => ({ action, title: action, commands: [] });
  return {
    ...run,
    trigger: { kind: 'watch' as const },
    target: {
      ...run.target,
      cluster: CLUSTER,
      namespace: NAMESPACE,
      pod: `${app}-new-0`,
      uid: `pod-${app}-new-0`,
      workload: { kind: 'Deployment', name: app },
      images: [{ kind: 'container' as const, name: 'app', image, state: { status: 'failing' as const, reason: 'ImagePullBackOff' } }],
    },
    findings: [{ code: 'registry/exists' as const, says: `${image} is there.`, evidence: [] }],
    conclusion: { ...conclusion, container: 'app', remediation: [advice('wait'), advice('set-image')] },
  };
}
