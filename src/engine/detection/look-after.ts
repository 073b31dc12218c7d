import type { ClusterReader } from '../../cluster/cluster.ts';
import { changesOf } from '../../detection/recovery.ts';
import { asCodedError } from '../../errors.ts';
import type { Change, Incident } from '../../incident/incident.ts';
import { recovered } from '../../incident/life.ts';
import { failingName, failingPod, type MemberPod } from '../../incident/members.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { runningIn, runsOf } from '../../store/kinds.ts';
import { endParts } from '../merge.ts';
import { forgetRecent } from '../recent.ts';
import type { Fate, Look } from './look.ts';
import { newSecrets } from './new-secrets.ts';
import type { DetectionParts } from './parts.ts';

/** What looking after incidents needs. */
export interface RecoveryParts extends DetectionParts {
  readonly cluster: Pick<ClusterReader, 'name' | 'readPod' | 'listPods' | 'readSecret'>;
  readonly mayReadSecrets: boolean;
}

/** Pods of an incident that are read at a time. */
export const READ_AT_ONCE = 3;
/** Nodes of an incident that are looked through for those that its pods left. */
const MAX_NODES = 1_000;

/** A failing pod of an incident, and what became of it. */
interface Fated {
  readonly name: string;
  readonly member: MemberPod;
  readonly fate: Fate;
}

/** Reads a few failing pods of an open incident, and ends it where they were the last. False where it is over. Throws what the cluster throws. */
export async function lookAfter(incident: Incident, seen: Look, parts: RecoveryParts): Promise<boolean> {
  const { id } = incident;
  const { members, runs } = parts.store;
  const { names } = await members.list(id, { kind: 'failing', limit: READ_AT_ONCE + 1 });
  // A run that goes on says by itself what it found.
  if (names.length === 0 || (await runs.holder(runningIn(id)))) return true;
  const read = names.slice(0, READ_AT_ONCE).map((name) => ({ name, member: failingPod(name) }));
  const fates = await Promise.all(read.map(async (pod): Promise<Fated> => ({ ...pod, fate: await seen.fateOf(pod.member) })));
  await members.addNames(id, 'pulled', namesOf(fates, 'pulled'));
  for (const { fate } of fates) if (fate.status === 'replaced') await members.add(id, fate.by);
  const over = fates.filter(({ fate }) => fate.status === 'pulled' || fate.status === 'gone');
  const isOver = over.length === names.length;
  if (isOver) await end(incident, { over, seen }, parts);
  // After the end was written: whoever dies in between leaves something to look at.
  const left = [...namesOf(over, 'pulled'), ...namesOf(over, 'gone'), ...fates.flatMap(replacedName)];
  await members.removeNames(id, 'failing', left);
  return !isOver;
}

function namesOf(fates: readonly Fated[], status: Fate['status']): readonly string[] {
  return fates.flatMap(({ name, fate }) => (fate.status === status ? [name] : []));
}

/** The name that others took the place of, unless it is one of theirs. */
function replacedName({ name, fate }: Fated): readonly string[] {
  return fate.status === 'replaced' && !fate.by.some((member) => failingName(member) === name) ? [name] : [];
}

async function end(
  incident: Incident,
  about: { readonly over: readonly Fated[]; readonly seen: Look },
  parts: RecoveryParts,
): Promise<void> {
  const { id } = incident;
  const { store } = parts;
  const { pod, pulled } = await store.members.count(id);
  const changes = await changesSince(incident, about, parts);
  const at = parts.now().toISOString();
  const ended = (known: Incident) => recovered(known, { at, pods: pod, pulled: Math.min(pod, pulled), changes });
  for (;;) {
    try {
      const { before, after } = await store.incidents.update(id, ended);
      if (after === before) return;
      parts.log.info('an incident is over', { incident: id, cluster: incident.cluster, namespace: incident.namespace, pods: pod });
      await endParts(id, at, store);
      return await tellIncident(after, URGENCY.verdict, parts);
    } catch (cause) {
      if (asCodedError(cause).code !== 'store/held') throw cause;
      await forgetRecent(ended(await store.incidents.read(id)), store);
    }
  }
}

/** What changed in the incident's own namespace: its channel may not know of others. */
async function changesSince(
  { id, namespace, since, openedAt, overflow }: Incident,
  { over, seen }: { readonly over: readonly Fated[]; readonly seen: Look },
  { store, cluster, mayReadSecrets }: RecoveryParts,
): Promise<readonly Change[]> {
  const own = over.find(({ member }) => member.namespace === namespace);
  if (!own || overflow) return [];
  const { member } = own;
  const isGone = own.fate.status === 'gone';
  const [newest] = (await store.runs.list({ index: runsOf(id), limit: 1 })).records;
  const image = newest?.target.images.find(({ name }) => name === member.container)?.image ?? '';
  const { names: nodes } = await store.members.list(id, { kind: 'node', limit: MAX_NODES });
  const secrets = mayReadSecrets && !isGone ? (newest?.target.pullSecrets ?? []) : [];
  return [
    ...changesOf({ member, image, isGone, pods: await seen.podsOf(namespace), nodes }),
    ...(await newSecrets({ namespace, names: secrets, since: since ?? openedAt }, cluster)),
  ];
}
