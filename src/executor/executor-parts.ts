import type { ApprovalPolicy } from '../approval/policy.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { ObjectWriter } from '../cluster/writing/object-writer.ts';
import type { PullErrorClassifier } from '../diagnosis/message/pull-error.ts';
import type { NodeTaskSettings } from '../node-task/settings.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import type { Hash, Sign, Verify } from '../signing/signing.ts';
import type { Sources } from '../steps/step.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { ExpiringMap } from '../timing/expiring-map.ts';

/** A cluster in which approved plans are carried out. */
export interface ExecutorCluster {
  /** With the executor's own credentials. */
  readonly writer: ObjectWriter;
  /** With the reader's, to ask registries as the kubelet would. */
  readonly sources: Pick<Sources, 'cluster' | 'kubelet' | 'registry'>;
  readonly mayReadSecrets: boolean;
  /** How its nodes are looked at and pruned; absent: not at all. */
  readonly nodeTasks?: NodeTaskSettings | undefined;
  /** Namespaces in which something may be changed, as patterns; absent: all. */
  readonly namespaces?: readonly string[] | undefined;
  /** False: no node is cordoned or uncordoned. */
  readonly nodes?: boolean | undefined;
  /** Where the freeze is kept. */
  readonly namespace: string;
  /** `review`: the cluster is asked whether whoever approved may do it. `impersonate`: it is done in their name, too. */
  readonly approver: 'off' | 'review' | 'impersonate';
}

/** What an executor works with. Nothing of it comes from the store: its policy is its own copy, and so are the keys that it trusts. */
export interface ExecutorParts {
  readonly clusters: Readonly<Record<string, ExecutorCluster>>;
  readonly policy: ApprovalPolicy;
  /** Signs what this executor makes: plans. */
  readonly sign: Sign;
  readonly verify: { readonly gateway: Verify; readonly executor: Verify };
  readonly hash: Hash;
  /** The groups of a user of the cluster, by this executor's own configuration. */
  readonly groupsOf: (user: string) => readonly string[];
  /** Reads what a runtime says of a pull on a node. */
  readonly classify: PullErrorClassifier;
  /** Remedies of a cluster within an hour, at most. */
  readonly perHour: number;
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly audit: AuditLog;
  /** Brings what people see of a plan up to date. */
  readonly tell: (plan: { readonly runId: string; readonly incidentId: string }, event?: PlanEvent) => Promise<void>;
  readonly log: Log;
  readonly now: () => Date;
  /** What this process has written, by plan: whoever puts an old record back into the store does not have it done again. */
  readonly written: ExpiringMap<{ readonly says: string }>;
}

/** What happened to a plan, as its run hears of it. */
export interface PlanEvent {
  readonly type: 'plan-approved' | 'plan-applied' | 'plan-ended';
  readonly planId: string;
}
