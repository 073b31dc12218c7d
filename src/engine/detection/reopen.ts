import { memberOf, type Trouble } from '../../detection/bundle.ts';
import { asCodedError } from '../../errors.ts';
import { recentKey } from '../../incident/identity.ts';
import type { Incident } from '../../incident/incident.ts';
import { mayReopen, reopened } from '../../incident/life.ts';
import { tellIncident } from '../../outbox/tell.ts';
import { URGENCY } from '../../outbox/urgency.ts';
import { startRun } from './automatic-run.ts';
import { triggerOf } from './by-itself.ts';
import { countMembers } from './count-members.ts';
import { type DetectionParts, EVERYONE } from './parts.ts';

const PAGE = 1_000;

/** The incident about a trouble that ended within the hour. */
export async function recentOf(trouble: Trouble, { store, now }: DetectionParts): Promise<Incident | undefined> {
  for (const { exact, provisional } of trouble)
    for (const key of [exact, provisional]) {
      const holder = key === undefined ? undefined : await store.incidents.holder(recentKey(EVERYONE, key));
      if (holder && mayReopen(holder, now())) return holder;
    }
  return undefined;
}

/**
 * Opens an incident again because its trouble is back; what a run has judged well stays over. False where that is impossible by now: somebody
 * else has opened an incident about it.
 */
export async function reopen(ended: Incident, trouble: Trouble, parts: DetectionParts): Promise<boolean> {
  const { store, now } = parts;
  if (isJudged(ended, trouble)) return true;
  const at = now().toISOString();
  const after = await reopenedOr(ended.id, at, parts);
  if (after?.life.status !== 'reopened') return false;
  parts.log.info('an incident is open again', { incident: after.id, cluster: after.cluster, namespace: after.namespace });
  await forgetPulled(after.id, store);
  await countMembers(after, trouble, parts);
  await tellIncident(after, URGENCY.wrong, parts);
  const [first] = trouble[0].sightings;
  await startRun({ incident: after, pod: memberOf(first), trigger: triggerOf(first), occasion: `reopened ${after.life.at}` }, parts);
  return true;
}

async function reopenedOr(id: string, at: string, { store, now }: DetectionParts): Promise<Incident | undefined> {
  try {
    return (await store.incidents.update(id, (known) => (mayReopen(known, now()) ? reopened(known, at) : known))).after;
  } catch (cause) {
    if (asCodedError(cause).code === 'store/held') return undefined;
    throw cause;
  }
}

/** Who pulled before may fail by now. */
async function forgetPulled(id: string, { members }: Pick<DetectionParts['store'], 'members'>): Promise<void> {
  for (;;) {
    const { names, next } = await members.list(id, { kind: 'pulled', limit: PAGE });
    await members.removeNames(id, 'pulled', names);
    if (next === undefined) return;
  }
}

/** A run looked at these very failures and found that no image is at fault: another one would say the same. */
function isJudged({ life }: Incident, trouble: Trouble): boolean {
  if (life.status !== 'resolved' || life.by.kind !== 'run') return false;
  const end = Date.parse(life.at);
  return trouble.every(({ sightings }) => sightings.every(({ since }) => Date.parse(since) <= end));
}
