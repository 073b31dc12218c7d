import { z } from 'zod';
import type { Order } from '../../approval/order.ts';
import type { Person } from '../../approval/person.ts';
import { seal } from '../../approval/sealed.ts';
import { asCodedError } from '../../errors.ts';
import { list } from '../../text/wording.ts';
import type { Refusal } from '../intake.ts';
import type { Person as Asker } from '../people.ts';
import type { PlanParts } from './plan-parts.ts';
import { personOf, refused } from './propose.ts';
import { groupMembers } from './standing.ts';

/** How long the first of two admins waits for the second, ms. */
export const TOGETHER_MS = 10 * 60_000;
/** How long whoever asks waits for the executor, ms. */
const WAIT_MS = 8_000;

const FREEZE_ANYWAY = `It obeys as soon as one runs. At once, in the namespace of the executor: kubectl patch configmap imagepull-freeze -p '{"data":{"frozen":"true"}}'`;

const Outcome = z.discriminatedUnion('status', [
  z.object({ status: z.literal('done') }),
  z.object({ status: z.literal('refused'), says: z.string() }),
]);

/** Stops all remedies of a cluster, or of all. Any full member may who may ask about it: it can only stop something. */
export async function freeze(
  { person, cluster, reason }: { readonly person: Asker; readonly cluster?: string | undefined; readonly reason?: string | undefined },
  parts: PlanParts,
): Promise<{ readonly status: 'done'; readonly says: string } | Refusal> {
  const clusters = cluster === undefined ? parts.clusters : [cluster];
  const results = await Promise.all(clusters.map((one) => freezeOne(person, one, reason, parts)));
  const refusal = results.find((result) => result !== undefined);
  return refusal ?? { status: 'done', says: `All remedies on ${list(clusters)} are frozen. Two admins together end that with unfreeze.` };
}

async function freezeOne(person: Asker, cluster: string, reason: string | undefined, parts: PlanParts): Promise<Refusal | undefined> {
  const who = await allowed(person, cluster, parts);
  return 'status' in who ? who : give({ cluster, freeze: true, by: [who], reason }, parts);
}

/** Ends a freeze, once a second admin says so within ten minutes. What was approved before is void. */
export async function unfreeze(
  { person, cluster }: { readonly person: Asker; readonly cluster?: string | undefined },
  parts: PlanParts,
): Promise<{ readonly status: 'done' | 'waiting'; readonly says: string } | Refusal> {
  const clusters = cluster === undefined ? parts.clusters : [cluster];
  const [first] = clusters;
  if (first === undefined) return refused('plan/off', 'Nothing is changed on any cluster anyway.');
  const who = await allowed(person, first, parts);
  if ('status' in who) return who;
  const { admins } = parts.policy;
  const groups = await groupMembers(parts.policy, parts.people);
  const isAdmin = admins.users.includes(who.user) || admins.groups.some((group) => groups[group]?.includes(who.user));
  if (!isAdmin)
    return refused(
      'plan/may-not',
      'Only admins may end a freeze: `admins` in approvals.yaml names them. Whoever may write the ConfigMap imagepull-freeze may, too.',
    );
  const about = clusters.join(' ');
  const before = parts.unfreezing.get(about);
  if (before === undefined || before.user === who.user) {
    parts.unfreezing.set(about, who);
    return { status: 'waiting', says: `One more admin has to say so within ${TOGETHER_MS / 60_000} minutes, for ${list(clusters)}.` };
  }
  parts.unfreezing.delete(about);
  const refusals = await Promise.all(clusters.map((one) => give({ cluster: one, freeze: false, by: [before, who] }, parts)));
  const refusal = refusals.find((one) => one !== undefined);
  return refusal ?? { status: 'done', says: `Remedies on ${list(clusters)} may be carried out again. What was approved before is void.` };
}

async function allowed({ user, ...rest }: Asker, cluster: string, parts: PlanParts): Promise<Person | Refusal> {
  const refusal = (await parts.access.rightsOf({ user, ...rest })).refusal(cluster, undefined);
  if (refusal) return refusal;
  if (!parts.clusters.includes(cluster))
    return refused('plan/off', `Nothing is changed on ${cluster} anyway: its configuration has no executor.`);
  return personOf(user, parts);
}

async function give(order: Omit<Order, 'id' | 'at'>, parts: PlanParts): Promise<Refusal | undefined> {
  const { cluster, reason, ...rest } = order;
  const id = parts.newNonce();
  const content = { id, cluster, ...rest, ...(reason === undefined ? {} : { reason }), at: parts.now().toISOString() };
  const sealed = seal('order', content, parts.sign);
  try {
    const answer = Outcome.parse(await parts.queue.ask({ kind: 'order', cluster, orderId: id, order: sealed }, WAIT_MS));
    return answer.status === 'done' ? undefined : refused('plan/order', answer.says);
  } catch (cause) {
    const { code } = asCodedError(cause);
    if (code !== 'queue/no-answer') throw cause;
    return refused(
      'plan/order',
      `No executor of ${cluster} has answered. ${order.freeze ? FREEZE_ANYWAY : 'An order to end a freeze is void after a minute: give it again once an executor runs.'}`,
    );
  }
}
