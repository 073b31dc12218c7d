import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision } from '../../src/approval/decision.ts';
import { issueGrant } from '../../src/approval/grant.ts';
import { findingsDigest, type Proposal, planDigest } from '../../src/approval/plan.ts';
import type { PlanRecord } from '../../src/approval/plan-record.ts';
import { ApprovalPolicy } from '../../src/approval/policy.ts';
import type { Remedy } from '../../src/approval/remedy.ts';
import { seal, unseal } from '../../src/approval/sealed.ts';
import type { Wish } from '../../src/approval/wish.ts';
import { createAuditLog } from '../../src/audit/log/audit-log.ts';
import { createNoKubelet } from '../../src/cluster/kubelet/no-kubelet.ts';
import { createKubernetesCluster } from '../../src/cluster/kubernetes-cluster.ts';
import type { ClusterServerOptions } from '../../src/demo/cluster/cluster-server.ts';
import { createExecutor, type Executor } from '../../src/executor/executor.ts';
import type { ExecutorCluster, ExecutorParts, PlanEvent } from '../../src/executor/executor-parts.ts';
import type { Task, TaskQueue } from '../../src/queue/task-queue.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { PLAN_MARK } from '../../src/remedies/dry-run-diff.ts';
import { sha256 } from '../../src/signing/ed25519.ts';
import { chainOf, KINDS } from '../../src/store/kinds.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { type RemedyCluster, remedyCluster } from './remedy-cluster.ts';
import { BOT_NAMESPACE, brokenRollout, digestOf, NAMESPACE, type TestObject } from './remedy-objects.ts';
import { classify } from './rules.ts';
import { newKeys } from './signing-keys.ts';

/** Who approves in these tests, as the cluster knows them. */
export const BOB = { person: { organisation: 'T0WORK', user: 'U0BOB' }, clusterUser: 'bob@example.com' } as const;
const EVE = { person: { organisation: 'T0WORK', user: 'U0EVE' }, clusterUser: 'eve@example.com' } as const;

/** The Deployment that these worlds hold after a broken rollout, unless told otherwise, and what people may ask for about it. */
export const WEB = { namespace: 'shop', kind: 'Deployment', name: 'web' } as const;
export const ROLL_BACK: Remedy = { id: 'roll-back', workload: WEB, revision: 0 };
export const RESTART: Remedy = { id: 'restart-workload', workload: WEB };
export const DELETE_POD: Remedy = { id: 'delete-pod', namespace: 'shop', pod: 'web-r2-0' };
export const CORDON: Remedy = { id: 'cordon-node', node: 'node-1' };

/** What an executor has that a test may replace. */
export interface ExecutorWorldOptions {
  readonly objects?: readonly TestObject[];
  readonly server?: ClusterServerOptions & { readonly token?: string };
  readonly policy?: object;
  readonly executor?: Partial<Pick<ExecutorParts, 'perHour' | 'groupsOf'>> &
    Partial<Pick<ExecutorCluster, 'approver' | 'namespace' | 'namespaces' | 'nodes' | 'nodeTasks' | 'mayReadSecrets'>>;
}

/** An executor with a cluster, a registry and a store, and a gateway that signs what tests ask for. */
export interface ExecutorWorld extends RemedyCluster {
  readonly executor: Executor;
  /** One more executor, as a process of its own that reaches cluster, store and queue by way of `reached`. */
  another(reached: <T extends object>(part: T) => T): Executor;
  readonly store: Store;
  /** Tasks that were queued, each with its delay. */
  readonly tasks: readonly Task[];
  readonly told: readonly PlanEvent[];
  /** Images that the registry does not have. */
  readonly missing: Set<string>;
  /** Registries that do not answer. */
  readonly silent: Set<string>;
  /** Registries in whose place something else answers. */
  readonly down: Set<string>;
  /** What the programs of task pods print. */
  printed: string;
  /** What a write meets on its way; dry runs pass. */
  onWrite: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Writes that reached the API server and were no dry run, without the freeze and events. */
  readonly writes: readonly string[];
  /** What the Deployment asks for now, as JSON. */
  specNow(): string;
  /** The plan that an object says it was changed by; the Deployment's unless told. */
  markOf(kind?: string, name?: string): string | undefined;
  /** The clock. */
  forward(ms: number): void;
  now(): Date;
  /** Has a plan made for a remedy that somebody asked for, or nobody; its record. */
  propose(remedy: Remedy, given?: { readonly unasked?: boolean }): Promise<PlanRecord>;
  proposalOf(record: PlanRecord): Proposal;
  /** Approves a plan as the gateway does, and gives leave to carry it out; without a cluster's user where that is asked for. */
  grant(record: PlanRecord, given?: { readonly anonymous?: boolean }): Promise<void>;
  apply(record: Pick<PlanRecord, 'id'>): Promise<PlanRecord>;
  look(record: Pick<PlanRecord, 'id'>): Promise<PlanRecord>;
  /** Proposed, granted, carried out. */
  carryOut(remedy: Remedy): Promise<PlanRecord>;
  /** Gives an order as a gateway that signed it. */
  order(given: {
    readonly freeze: boolean;
    readonly by: readonly string[];
    readonly reason?: string;
    readonly at?: Date;
  }): Promise<unknown>;
  /** What was written down, by kind. */
  audited(): Promise<readonly string[]>;
}

const POLICY = {
  version: 1,
  organisation: 'T0WORK',
  admins: { users: ['U0BOB', 'U0EVE'] },
  rules: [{ name: 'all', approvers: { users: ['U0BOB', 'U0EVE'] }, approvals: 1 }],
};

export async function executorWorld(given: ExecutorWorldOptions = {}): Promise<ExecutorWorld> {
  let at = Date.parse('2026-03-01T10:00:00Z');
  const now = () => new Date(at);
  const writes: string[] = [];
  const world = { printed: '', onWrite: (_request: IncomingMessage, _response: ServerResponse): boolean => false };
  const cluster = await remedyCluster(given.objects ?? brokenRollout('Deployment', 'web'), {
    ...given.server,
    intercept(request, response) {
      const { method = '', url = '' } = request;
      if (/\/pods\/[^/]+\/log$/.test(url)) {
        response.writeHead(200, { 'content-type': 'text/plain' }).end(world.printed);
        return true;
      }
      const isWrite = ['PATCH', 'DELETE'].includes(method) && !url.includes('dryRun=All') && !url.includes('imagepull-freeze');
      if (!isWrite) return false;
      writes.push(`${method} ${url.replace(/\?.*/, '')}`);
      return world.onWrite(request, response);
    },
  });
  const keys = { gateway: newKeys(), executor: newKeys() };
  const verify = { gateway: keys.gateway.verify, executor: keys.executor.verify };
  const policy = ApprovalPolicy.parse(given.policy ?? POLICY);
  const store = new MemoryStore();
  const tasks: Task[] = [];
  const told: PlanEvent[] = [];
  const missing = new Set<string>();
  const silent = new Set<string>();
  const down = new Set<string>();
  const {
    perHour = 10,
    groupsOf = () => [],
    approver = 'off',
    namespace = BOT_NAMESPACE,
    nodeTasks,
    mayReadSecrets = true,
    namespaces,
    nodes,
  } = given.executor ?? {};
  const queue: TaskQueue = {
    add: async (task) => void tasks.push(task),
    ask: () => Promise.reject(new Error('nobody asks here')),
  };
  const executorOf = (reached: <T extends object>(part: T) => T) =>
    createExecutor({
      clusters: {
        prod: {
          writer: reached(cluster.writer),
          sources: {
            cluster: createKubernetesCluster(cluster.config, { called: 'prod', holder: 'prover' }),
            kubelet: createNoKubelet(),
            registry: registryWithout({ missing, silent, down }),
          },
          mayReadSecrets,
          namespaces,
          nodes,
          nodeTasks,
          namespace,
          approver,
        },
      },
      classify,
      policy,
      sign: keys.executor.sign,
      verify,
      hash: sha256,
      groupsOf,
      perHour,
      store: reached<Store>(store),
      queue: reached(queue),
      audit: createAuditLog({ store: reached<Store>(store), sign: keys.executor.sign, hash: sha256, log: SILENT }),
      tell: async (_plan, event) => void (event && told.push(event)),
      log: SILENT,
      now,
    });
  const executor = executorOf((part) => part);

  function proposalOf({ proposal }: PlanRecord): Proposal {
    const read = unseal('proposal', proposal, verify.executor);
    if (read === undefined) throw new Error('there is no plan');
    return read;
  }

  async function propose(remedy: Remedy, given: { readonly unasked?: boolean } = {}): Promise<PlanRecord> {
    const id = `p${randomBytes(10).toString('hex')}`;
    const wish: Wish = {
      id,
      cluster: 'prod',
      incidentId: 'i',
      runId: 'r',
      target: { namespace: NAMESPACE, pod: 'web-r2-0' },
      remedy,
      requesters: given.unasked ? [] : [{ person: { organisation: 'T0WORK', user: 'U0ANN' }, as: 'proposed' }],
      place: { channel: 'C0INCIDENTS', shared: false },
      findings: ['pull-error/tag-not-found'],
      findingsDigest: findingsDigest([], sha256),
      title: 'registry.example has no tag 2 of shop/web',
      members: {},
      at: now().toISOString(),
    };
    const sealed = seal('wish', wish, keys.gateway.sign);
    const common = { revision: 0, cluster: 'prod', incidentId: 'i', runId: 'r', createdAt: wish.at, decisions: [], reminded: false };
    await store.plans.create({ id, ...common, wish: sealed });
    await executor.perform({ kind: 'plan', cluster: 'prod', planId: id });
    return store.plans.read(id);
  }

  async function grant(record: PlanRecord, { anonymous = false } = {}): Promise<void> {
    const proposal = proposalOf(record);
    const decisions = [BOB, EVE].map(({ person, clusterUser }): Decision => {
      const said = { id: randomBytes(8).toString('hex'), planDigest: planDigest(proposal, sha256), by: person, at: now().toISOString() };
      return { kind: 'approve', ...said, full: true, groups: [], ...(anonymous ? {} : { clusterUser }) };
    });
    const members = { full: ['U0BOB', 'U0EVE'], groups: {} };
    const question = { proposal, policy, decisions, members: { proposed: members, now: members }, now: now(), shared: false };
    const nonce = randomBytes(16).toString('hex');
    const issued = issueGrant(question, { nonce, sign: keys.gateway.sign, hash: sha256 });
    if ('because' in issued) throw new Error(issued.because);
    const sealed = decisions.map((decision) => seal('decision', decision, keys.gateway.sign));
    await store.plans.update(record.id, (known) => ({ ...known, decisions: sealed, grant: issued }));
  }

  async function perform(kind: 'apply' | 'look', { id: planId }: Pick<PlanRecord, 'id'>): Promise<PlanRecord> {
    await executor.perform({ kind, cluster: 'prod', planId, delayMs: 0 });
    return store.plans.read(planId);
  }

  return Object.assign(world, cluster, {
    executor,
    another: executorOf,
    store,
    tasks,
    told,
    missing,
    silent,
    down,
    writes,
    now,
    specNow: () => JSON.stringify(cluster.get(WEB.kind, WEB.name)?.['spec']),
    markOf(kind: string = WEB.kind, name: string = WEB.name) {
      const annotations = cluster.get(kind, name)?.metadata['annotations'] as Record<string, string> | undefined;
      return annotations?.[PLAN_MARK];
    },
    forward(ms: number) {
      at += ms;
    },
    propose,
    proposalOf,
    grant,
    apply: (record: Pick<PlanRecord, 'id'>) => perform('apply', record),
    look: (record: Pick<PlanRecord, 'id'>) => perform('look', record),
    async carryOut(remedy: Remedy) {
      const record = await propose(remedy);
      await grant(record);
      return perform('apply', record);
    },
    order({ by, at: when = now(), ...rest }: Parameters<ExecutorWorld['order']>[0]) {
      const id = randomBytes(16).toString('hex');
      const people = by.map((user) => ({ organisation: 'T0WORK', user }));
      const order = seal('order', { id, cluster: 'prod', by: people, at: when.toISOString(), ...rest }, keys.gateway.sign);
      return executor.perform({ kind: 'order', cluster: 'prod', orderId: id, order });
    },
    async audited() {
      const { records } = await store.collection(KINDS.auditEntries).list({ index: chainOf('prod'), order: 'oldest' });
      return records.map(({ entry }) => entry.event.kind);
    },
  });
}

/** What is said of the execution of a plan; empty where nothing is. */
export function saysOf({ execution }: { readonly execution?: PlanRecord['execution'] | undefined }): string {
  return execution !== undefined && 'says' in execution ? execution.says : '';
}

/** Registries that answer but for some, and have every image but some. */
function registryWithout({ missing, silent, down }: Readonly<Record<'missing' | 'silent' | 'down', ReadonlySet<string>>>): Registry {
  const unused = () => Promise.reject(new Error('not asked here'));
  return {
    async ping(host) {
      const common = { host, requests: 1, milliseconds: 1 };
      if (silent.has(host)) return { ...common, status: 'unreachable', problem: 'timeout', message: `${host}: timeout` };
      if (down.has(host)) return { ...common, status: 'answers', scheme: 'https', httpStatus: 503, isRegistry: false };
      return { ...common, status: 'answers', scheme: 'https', httpStatus: 401, isRegistry: true };
    },
    listTags: unused,
    askBlob: unused,
    requests: () => 0,
    async askManifest({ reference: { registry, repository, tag, digest: pinned } }) {
      const image = `${registry}/${repository}:${tag}`;
      const common = { requests: 1, milliseconds: 1 };
      if (missing.has(image)) return { ...common, status: 'missing', what: 'tag', code: 'MANIFEST_UNKNOWN' };
      return { ...common, status: 'found', digest: pinned ?? digestOf(image), content: { kind: 'opaque' } };
    },
  };
}
