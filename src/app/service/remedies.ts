import { randomBytes, randomUUID } from 'node:crypto';
import type { PlanRecord, Standing } from '../../approval/plan-record.ts';
import { createAuditLog } from '../../audit/log/audit-log.ts';
import { guardCluster } from '../../cluster/guarded-cluster.ts';
import type { PullErrorClassifier } from '../../diagnosis/message/pull-error.ts';
import { asCodedError, CodedError } from '../../errors.ts';
import { createExecutor, type Executor } from '../../executor/executor.ts';
import type { ExecutorCluster } from '../../executor/executor-parts.ts';
import type { Access } from '../../intake/access.ts';
import type { People } from '../../intake/people.ts';
import { createClusterIdentities } from '../../intake/plans/cluster-identity.ts';
import { TOGETHER_MS } from '../../intake/plans/freeze.ts';
import { createPlanDesk, type PlanDesk } from '../../intake/plans/plan-desk.ts';
import type { PlanParts } from '../../intake/plans/plan-parts.ts';
import { settleAll } from '../../intake/plans/settle.ts';
import { standingOf } from '../../intake/plans/standing.ts';
import type { NodeTaskSettings } from '../../node-task/settings.ts';
import { sweepTasks } from '../../node-task/sweep-tasks.ts';
import type { ShownPlans } from '../../outbox/outbox.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import { approvable, nextOf, type Offer, offersOf } from '../../remedies/offers.ts';
import type { ShownPlan } from '../../report/card/plan-card.ts';
import { applyEvent } from '../../runbook/run.ts';
import { sha256 } from '../../signing/ed25519.ts';
import { passingKey, type SigningKey, signingKeyOf, verifierOfAny } from '../../signing/keys.ts';
import { unlessGone } from '../../store/collection.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { createExpiringMap } from '../../timing/expiring-map.ts';
import { readPolicy } from '../approvals.ts';
import type { Config } from '../config.ts';
import { readTextFile } from '../text-file.ts';
import type { WorkedCluster } from './clusters.ts';

/** Both sides of remedies, as far as this process has them. */
export interface Remedies {
  /** Absent without the role executor, or where no cluster has credentials for it. */
  readonly executor: Executor | undefined;
  /** Names of the clusters whose plans this process makes and carries out. */
  readonly executes: readonly string[];
  /** Removes the pods of node tasks that a process left which died, in every cluster of this process. Throws what the clusters throw. */
  sweep(): Promise<void>;
  /** The gateway's side, once it is known who people are. `fresh` asks the chat anew each time. */
  openDesk(given: { readonly access: Access; readonly people: People; readonly fresh: People }): {
    readonly desk: PlanDesk;
    settle(): Promise<void>;
  };
  /** Where a plan stands now, as far as it is signed. Throws what the chat throws where it does not tell who is in which group. */
  standing(record: PlanRecord, people: People): Promise<Standing>;
  /** What cards show of plans. Where nobody decides there is no button, and the card says so. */
  shownBy(people: People, given: { readonly decides: boolean }): ShownPlans;
}

interface Given {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly clusters: Readonly<Record<string, WorkedCluster>>;
  readonly classify: PullErrorClassifier;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

const MAX_CLUSTERS = 1_000;
const DAY_MS = 24 * 3_600_000;
const MAX_DENIED = 10_000;
const NOBODY_DECIDES = 'Nobody can approve anything while Slack sends requests over HTTP: set remedies.overHttp, or slack.mode to socket.';

/** Opens what the configuration asks for; undefined where nothing may ever be changed. Throws `config/…` and what connecting to a cluster throws. */
export async function openRemedies(config: Config, given: Given): Promise<Remedies | undefined> {
  const { remedies } = config;
  // A worker signs nothing, so it needs neither policy nor keys.
  if (remedies.policy === undefined || !config.roles.some((role) => role !== 'worker')) return undefined;
  const { store, queue, log, now } = given;
  const key = remedies.signingKey === undefined ? passingKey() : signingKeyOf(readTextFile(remedies.signingKey));
  const verify = {
    gateway: verifierOfAny(publicKeys(remedies.gatewayKeys, key)),
    executor: verifierOfAny(publicKeys(remedies.executorKeys, key)),
  };
  const withExecutor = config.clusters.filter(({ executor }) => executor !== undefined).map(({ name }) => name);
  const withNodeTasks = config.clusters.filter((cluster) => (taskSettings(cluster)?.mode ?? 'off') !== 'off').map(({ name }) => name);
  const executes = config.roles.includes('executor') ? withExecutor.filter((name) => config.workFor.includes(name)) : [];
  const opened = await Promise.all(executes.map(async (name) => [name, await openWriter(name, config, given)] as const));
  // The same in every process, or no digest would fit; each executor forbids its own namespace besides.
  const policy = readPolicy(remedies.policy, undefined);
  const common = {
    store,
    queue,
    policy,
    sign: key.sign,
    verify,
    hash: sha256,
    audit: createAuditLog({ store, sign: key.sign, hash: sha256, log }),
    log,
    now,
  };
  const executor =
    executes.length === 0
      ? undefined
      : createExecutor({
          ...common,
          clusters: Object.fromEntries(opened),
          classify: given.classify,
          perHour: remedies.perHour,
          groupsOf: (user) => (Object.hasOwn(remedies.identities.groups, user) ? (remedies.identities.groups[user] ?? []) : []),
          async tell({ runId, incidentId }, event) {
            if (event) await store.runs.update(runId, (run) => applyEvent(run, { ...event, at: now().toISOString() }));
            const incident = await unlessGone(store.incidents.read(incidentId));
            if (incident) await tellIncident(incident, URGENCY.verdict, { store, queue });
          },
        });

  return {
    executor,
    executes,
    async sweep() {
      await Promise.all(
        opened.map(async ([name, { writer, nodeTasks }]) => {
          if (nodeTasks === undefined) return;
          const swept = sweepTasks({ objects: writer, place: nodeTasks.place, log, now });
          await swept.catch((cause: unknown) =>
            log.warn('pods of node tasks cannot be swept', { cluster: name, because: asCodedError(cause).message }),
          );
        }),
      );
    },
    openDesk({ access, people, fresh }) {
      const parts: PlanParts = {
        ...common,
        access,
        people: fresh,
        remembered: people,
        clusters: withExecutor,
        withNodeTasks,
        identities: createClusterIdentities(remedies.identities),
        denied: createExpiringMap({ now: Date.now, ttlMs: DAY_MS, max: MAX_DENIED }),
        unfreezing: createExpiringMap({ now: Date.now, ttlMs: TOGETHER_MS, max: MAX_CLUSTERS }),
        newId: () => randomUUID(),
        newNonce: () => randomBytes(16).toString('hex'),
      };
      return { desk: createPlanDesk(parts), settle: () => settleAll(parts) };
    },
    standing: (record, people) => standingOf(record, { ...common, people }),
    shownBy: (people, { decides }) => ({
      async of({ plan }) {
        const record = plan && (await unlessGone(store.plans.read(plan.planId)));
        const standing = record && (await standingOf(record, { ...common, people }));
        if (record === undefined || standing === undefined) return undefined;
        return decides || standing.phase !== 'deciding' ? { record, standing } : undefined;
      },
      offers(run, plan) {
        const { cluster } = run.target;
        const next = plan === undefined ? undefined : nextAfter(plan);
        const offers = withExecutor.includes(cluster)
          ? [...(next === undefined ? [] : [next]), ...offersOf(run, { nodeTasks: withNodeTasks.includes(cluster) })]
          : [];
        if (decides) return approvable(offers, { policy, cluster });
        return offers.length === 0 ? { offers } : { offers: [], barred: NOBODY_DECIDES };
      },
    }),
  };
}

/** What a plan leads to that only looked: the card shows the verdict again, with that beside its remedies. */
function nextAfter({ record, standing }: ShownPlan): Offer | undefined {
  return standing.phase === 'past' && record.effect?.status === 'worked' && standing.proposal.plan.remedy.id === 'probe-node'
    ? nextOf(standing.proposal.plan)
    : undefined;
}

/** How the nodes of a cluster are given tasks; undefined where they are not. */
function taskSettings({ executor, nodeTasks, allowLoopback }: Config['clusters'][number]): NodeTaskSettings | undefined {
  if (executor === undefined || nodeTasks === undefined) return undefined;
  const { mode, image, namespace, seLinuxType, nodes: names, controlPlane, keep, minimumAgeMs } = nodeTasks;
  return { mode, place: { namespace, image, seLinuxType }, allowed: { names, controlPlane }, keep, minimumAgeMs, allowLoopback };
}

function publicKeys(files: readonly string[] | undefined, own: SigningKey): readonly string[] {
  return files === undefined ? [own.publicPem] : files.map(readTextFile);
}

/** Loaded on demand: who changes nothing needs none of it. */
async function openWriter(name: string, config: Config, { clusters, metrics }: Given): Promise<ExecutorCluster> {
  const [{ defaultNamespace, loadKubeConfig }, { createKubernetesWriter }, { createOciRegistry }] = await Promise.all([
    import('../../cluster/kubeconfig.ts'),
    import('../../cluster/writing/kubernetes-writer.ts'),
    import('../../registry/oci-registry.ts'),
  ]);
  const cluster = config.clusters.find((one) => one.name === name);
  const { executor, secrets, allowLoopback } = cluster ?? {};
  const access = { kubeconfig: executor?.kubeconfig, context: executor?.context, called: name };
  const kubeconfig = await loadKubeConfig(access);
  const writer = createKubernetesWriter(kubeconfig, {
    ...access,
    reload: () => loadKubeConfig(access),
    holder: 'executor',
    onAnswer: (verb, status) => metrics.count('imagepull_kubernetes_requests_total', { cluster: name, verb, code: String(status) }),
  });
  const worked = clusters[name];
  if (worked === undefined) throw new CodedError('engine/unknown-cluster', `Cluster ${name} is not open in this process.`);
  return {
    writer,
    // What was answered a moment ago proves nothing of now.
    sources: {
      cluster: guardCluster(worked.direct, worked.mayRead),
      kubelet: worked.sources.kubelet,
      registry: createOciRegistry({ ...config.registries, allowLoopback: allowLoopback ?? false, keepMs: 0 }),
    },
    mayReadSecrets: secrets ?? true,
    nodeTasks: cluster && taskSettings(cluster),
    namespaces: executor?.namespaces,
    nodes: executor?.nodes,
    namespace: executor?.namespace ?? defaultNamespace(kubeconfig),
    approver: executor?.approver ?? 'off',
  };
}
