import type { Decision } from '../../approval/decision.ts';
import type { Person } from '../../approval/person.ts';
import type { ApprovalPolicy } from '../../approval/policy.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import type { Hash, Sign, Verify } from '../../signing/signing.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import type { ExpiringMap } from '../../timing/expiring-map.ts';
import type { Access } from '../access.ts';
import type { People } from '../people.ts';
import type { ClusterIdentities } from './cluster-identity.ts';

/** What the gateway works with where people ask for plans and decide about them. */
export interface PlanParts {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly access: Access;
  /** Asked anew each time: who left a group a moment ago decides nothing. */
  readonly people: People;
  /** The same as it was a minute ago at most, for what is only looked at: chats limit how often they are asked. */
  readonly remembered: People;
  readonly policy: ApprovalPolicy;
  /** Names of the clusters that have an executor. */
  readonly clusters: readonly string[];
  /** Those of them whose nodes may be given tasks. */
  readonly withNodeTasks: readonly string[];
  readonly sign: Sign;
  readonly verify: { readonly gateway: Verify; readonly executor: Verify };
  readonly hash: Hash;
  readonly audit: AuditLog;
  /** Plans that this process has seen denied, for a day: nobody who writes to the store takes that back. */
  readonly denied: ExpiringMap<Decision>;
  /** The first of two admins who end a freeze, by cluster, for ten minutes. In this process's memory, where nobody else writes. */
  readonly unfreezing: ExpiringMap<Person>;
  /** Whom Slack's people are in the cluster. */
  readonly identities: ClusterIdentities;
  readonly log: Log;
  readonly now: () => Date;
  readonly newId: () => string;
  /** 128 random bits in hexadecimal. */
  readonly newNonce: () => string;
}
