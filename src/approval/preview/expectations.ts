import { z } from 'zod';
import type { Hash } from '../../signing/signing.ts';
import { GroupId, OrganisationId, UserId } from '../person.ts';
import { RISKS } from '../plan.ts';
import type { ApprovalPolicy } from '../policy.ts';
import { REMEDY_IDS } from '../remedy.ts';
import { type Status, statusOf } from '../status.ts';
import { worldOf } from './supposed-plan.ts';

/** `90s`, `5m` or `2h`, in milliseconds; counted from the proposal. */
const After = z
  .string()
  .regex(/^(?:0|[0-9]{1,5}[smh])$/, 'must be a time such as 90s, 5m or 2h')
  .transform((text) => Number.parseInt(text, 10) * (text.endsWith('h') ? 3_600_000 : text.endsWith('m') ? 60_000 : 1000));
/** A name of the list of people, or an id. */
const Who = z.string().min(1).max(100);

/** A decision that is supposed; what is left out is in order. */
const Supposed = z
  .strictObject({
    approve: Who.optional(),
    deny: Who.optional(),
    after: After.optional(),
    reason: z.string().max(1000).optional(),
    /** The cluster's user that the person is mapped to. */
    as: z.string().max(256).optional(),
    organisation: OrganisationId.optional(),
    /** The digest is another plan's, as that of an old card. */
    otherPlan: z.boolean().default(false),
  })
  .refine(({ approve, deny }) => (approve === undefined) !== (deny === undefined), 'needs either approve or deny, with a person')
  .refine(({ deny, reason }) => deny === undefined || reason !== undefined, 'a denial needs a reason');

/** A plan that is supposed. */
const SupposedPlan = z.strictObject({
  remedy: z.enum(REMEDY_IDS).optional(),
  cluster: z.string().min(1).max(100).optional(),
  namespace: z.string().min(1).max(63).optional(),
  risk: z.enum(RISKS).optional(),
  proposed: Who.optional(),
  started: Who.optional(),
  chose: Who.optional(),
  /** The cluster's user of everybody who asked. */
  as: z.string().max(256).optional(),
  shared: z.boolean().optional(),
});

/** One row: a plan, what people did about it, and what is expected of it. */
export const Expectation = z.strictObject({
  name: z.string().min(1).max(200),
  plan: SupposedPlan.default({}),
  decisions: z.array(Supposed).max(200).default([]),
  /** When it is looked at; a minute after the last decision where it is left out. */
  after: After.optional(),
  /** People who came into their groups after the proposal, and who have left them since they decided. */
  joined: z.array(Who).max(100).default([]),
  left: z.array(Who).max(100).default([]),
  voided: z.string().max(500).optional(),
  policyChanged: z.boolean().default(false),
  expect: z.enum(['waiting', 'approved', 'denied', 'expired', 'voided']),
  missing: z.int().positive().optional(),
  /** Words of the reason: why it is voided, or why an approval does not count. */
  because: z.string().min(1).max(500).optional(),
});
export type Expectation = Readonly<z.infer<typeof Expectation>>;

/** A table of what a policy is expected to say, for review beside it in Git. */
export const ExpectationTable = z.strictObject({
  version: z.literal(1),
  /** Names to write in place of ids. */
  people: z.record(z.string().min(1).max(100), UserId).default({}),
  groups: z.record(GroupId, z.array(Who).max(1000)).default({}),
  guests: z.array(Who).max(1000).default([]),
  /** What plans have in common. */
  plan: SupposedPlan.default({}),
  expectations: z.array(Expectation).min(1).max(2000),
});
export type ExpectationTable = Readonly<z.infer<typeof ExpectationTable>>;

/** What became of one expectation; `differs` says in what it was not met. */
export interface Checked {
  readonly name: string;
  readonly differs: readonly string[];
}

/** Compares what a policy says with what a table expects. */
export function checkExpectations(table: ExpectationTable, policy: ApprovalPolicy, hash: Hash): readonly Checked[] {
  return table.expectations.map((expectation) => ({
    name: expectation.name,
    differs: differences(expectation, statusOf(worldOf(expectation, table, policy, hash), hash)),
  }));
}

function differences({ expect, missing, because }: Expectation, found: Status): readonly string[] {
  const reasons = reasonsOf(found);
  return [
    ...(found.status === expect ? [] : [`expected ${expect}, found ${found.status}`]),
    ...(missing === undefined || (found.status === 'waiting' && found.missing === missing)
      ? []
      : [`expected ${missing} missing, found ${found.status === 'waiting' ? found.missing : 'none'}`]),
    ...(because === undefined || reasons.some((reason) => reason.includes(because))
      ? []
      : [`expected the reason "${because}", found ${reasons.length === 0 ? 'none' : reasons.map((reason) => `"${reason}"`).join(', ')}`]),
  ];
}

function reasonsOf(status: Status): readonly string[] {
  if (status.status === 'voided') return [status.because];
  if (status.status === 'denied') return [status.decision.reason ?? ''];
  return 'discounted' in status ? status.discounted.map(({ because }) => because) : [];
}
