import { z } from 'zod';
import type { Order } from '../approval/order.ts';
import { unseal } from '../approval/sealed.ts';
import type { ObjectWriter } from '../cluster/writing/object-writer.ts';
import { asCodedError, CodedError } from '../errors.ts';
import type { ExecutorCluster, ExecutorParts } from './executor-parts.ts';

/** The name of the ConfigMap, in the bot's own namespace, that says whether anything may be changed. */
const FREEZE_NAME = 'imagepull-freeze';

const Freeze = z.looseObject({
  data: z.looseObject({ frozen: z.string(), reason: z.string().optional(), until: z.string().optional() }),
});

/** Whether anything may be changed. What was proposed before a freeze ended is void. */
export type FreezeState =
  | { readonly status: 'frozen'; readonly because: string }
  | { readonly status: 'free'; readonly endedAt: string | undefined };

/** Reads the freeze anew. One that is missing, cannot be read or says anything but `false` holds. Never throws. */
export async function freezeOf({ writer, namespace }: Pick<ExecutorCluster, 'writer' | 'namespace'>): Promise<FreezeState> {
  const where = `ConfigMap ${namespace}/${FREEZE_NAME}`;
  try {
    const { data } = Freeze.parse(await writer.read({ kind: 'ConfigMap', namespace, name: FREEZE_NAME }));
    if (data.frozen === 'false') return { status: 'free', endedAt: data.until };
    const why = data.reason === undefined || data.reason === '' ? '' : `: ${data.reason}`;
    return { status: 'frozen', because: `Remedies are frozen${why} (${where}).` };
  } catch (cause) {
    const { code, message } = asCodedError(cause);
    const why = code === 'cluster/not-found' ? 'does not exist' : `cannot be read: ${message.split('\n', 1)[0]}`;
    return { status: 'frozen', because: `Remedies are frozen, because ${where} ${why}.` };
  }
}

/** Freezes a cluster, or ends that, as the gateway has signed. Anybody's order may freeze; an old one may not end anything. Throws what the cluster throws. */
export async function obey(
  sealed: unknown,
  { writer, namespace }: Pick<ExecutorCluster, 'writer' | 'namespace'>,
  { verify, now, policy }: Pick<ExecutorParts, 'verify' | 'now' | 'policy'>,
): Promise<Order> {
  const order = unseal('order', sealed, verify.gateway);
  if (order === undefined || order.cluster !== writer.name)
    throw new CodedError('plan/not-signed', 'An order to freeze or to end a freeze is not signed by a gateway, or is for another cluster.');
  if (!order.freeze) checkEnd(order, { policy, now: now() });
  const object = await freezeObject(writer, namespace);
  if (!order.freeze) checkNew(order, object);
  const data = order.freeze ? { frozen: 'true', reason: order.reason ?? '' } : { frozen: 'false', reason: '', until: endOf(order, now()) };
  const patch = { metadata: { resourceVersion: object.metadata.resourceVersion }, data };
  await writer.patch({ kind: 'ConfigMap', namespace, name: FREEZE_NAME }, patch, { dryRun: false });
  return order;
}

/** How old an order may be that ends a freeze, ms. */
const MAX_AGE_MS = 60_000;
const ADMINS = 2;

function checkEnd(order: Order, { policy, now }: { readonly policy: ExecutorParts['policy']; readonly now: Date }): void {
  if (now.getTime() - Date.parse(order.at) > MAX_AGE_MS)
    throw new CodedError('plan/not-signed', 'The order to end the freeze is too old. Give it again.');
  const users = new Set(order.by.filter(({ organisation }) => organisation === policy.organisation).map(({ user }) => user));
  // Who is in a group only the gateway knows.
  const named = policy.admins.groups.length > 0 || [...users].every((user) => policy.admins.users.includes(user));
  if (users.size < ADMINS || !named) throw new CodedError('plan/not-signed', 'A freeze is ended by two admins together.');
}

/** When an order ends a freeze: no sooner than it was given, so that the same one ends no later freeze. */
function endOf({ at }: Order, now: Date): string {
  return new Date(Math.max(now.getTime(), Date.parse(at))).toISOString();
}

/** An order that ended a freeze once ends no other, whoever delivers it again. */
function checkNew({ at }: Order, object: unknown): void {
  const until = Freeze.safeParse(object).data?.data.until;
  if (until !== undefined && Date.parse(at) <= Date.parse(until))
    throw new CodedError('plan/not-signed', 'The order to end the freeze was carried out already. Give it again to end another one.');
}

async function freezeObject(writer: ObjectWriter, namespace: string) {
  try {
    return await writer.read({ kind: 'ConfigMap', namespace, name: FREEZE_NAME });
  } catch (cause) {
    if (asCodedError(cause).code !== 'cluster/not-found') throw cause;
    throw new CodedError(
      'cluster/not-found',
      `There is no ConfigMap ${namespace}/${FREEZE_NAME}, so nothing can be changed. Make it: kubectl create configmap -n ${namespace} ${FREEZE_NAME} --from-literal=frozen=false`,
    );
  }
}
