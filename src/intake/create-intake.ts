import type { Incident } from '../incident/incident.ts';
import type { Passes } from '../passes/passes.ts';
import type { TaskQueue } from '../queue/task-queue.ts';
import { rawText } from '../report/formats/raw-text.ts';
import { walk } from '../store/collection.ts';
import { inNamespace, OPEN, runsOf } from '../store/kinds.ts';
import { ALL } from '../store/record-kind.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Access } from './access.ts';
import { type AlertMessageParts, createAlertMessages } from './alert-messages.ts';
import { createFailing } from './failing.ts';
import type { IncidentList, Intake, ListedIncident } from './intake.ts';
import { createInvitations } from './invite.ts';
import { createCare } from './notes/care.ts';
import { createCorrections } from './notes/corrections.ts';
import { createSilences } from './notes/silences.ts';
import type { PlanDesk } from './plans/plan-desk.ts';
import { createRequests } from './requests.ts';
import { noIncident, seenIncident } from './seen-incident.ts';

/** Slack repeats a delivery for at most six minutes. */
const DELIVERY_MS = 15 * 60_000;
const MAX_LISTED = 20;
/** So many incidents are looked through for a list. */
const MAX_LOOKED_AT = 2_000;

export interface IntakeParts {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly access: Access;
  /** Names of all clusters, the default one first. */
  readonly clusters: readonly string[];
  /** Ids of all causes. */
  readonly causes: readonly string[];
  /** False where nothing outlives this process: then there is no recording beside what people say of a verdict. */
  readonly keepsRecordings: boolean;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly metrics?: Metrics | undefined;
  /** Absent where nothing is ever changed. */
  readonly plans?: PlanDesk | undefined;
  readonly examine: Intake['examine'];
  /** Where the pages of incidents are; absent where they have none. */
  readonly pages?: { readonly passes: Pick<Passes, 'invite'>; readonly publicUrl: string } | undefined;
  /** Absent where messages of apps are no alerts. */
  readonly alertMessages?: AlertMessageParts | undefined;
}

/** Takes requests of people: checks them, writes them down and queues what has to be done, and answers. */
export function createIntake(parts: IntakeParts): Intake {
  const { store, access, clusters } = parts;

  async function incidents({ person, open, about }: Parameters<Intake['incidents']>[0]): Promise<IncidentList> {
    const { namespace, workload } = about ?? {};
    const { maySee } = await access.rightsOf(person);
    const index = namespace === undefined ? (open ? OPEN : ALL) : inNamespace(namespace);
    const listed: Incident[] = [];
    let [looked, total] = [0, 0];
    for await (const incident of walk(store.incidents, { index })) {
      if (++looked > MAX_LOOKED_AT) break;
      if (!maySee(incident) || (workload !== undefined && !isAbout(incident, workload))) continue;
      total += 1;
      if (listed.length < MAX_LISTED) listed.push(incident);
    }
    return { incidents: await Promise.all(listed.map(withCard)), total, complete: looked <= MAX_LOOKED_AT };
  }

  async function withCard(incident: Incident): Promise<ListedIncident> {
    const card = (await store.posted.read(incident.id))['card'];
    return { incident, ...(card?.status === 'posted' ? { card: card.ts } : {}) };
  }

  return {
    clusters,
    plans: parts.plans,
    ...createRequests(parts),
    ...createFailing(parts),
    ...createSilences(parts),
    ...createCare(parts),
    ...createAlertMessages(parts),
    ...createCorrections(parts),
    ...createInvitations(parts),
    incidents,
    examine: parts.examine,
    async raw(asked) {
      const { incident } = await seenIncident(asked, parts);
      const [newest] = (await store.runs.list({ index: runsOf(incident.id), limit: 1 })).records;
      if (!newest) throw noIncident(incident.id);
      return { title: `${incident.namespace}/${incident.pod}`, text: rawText(newest) };
    },
    async once(delivery) {
      return (await store.claim(`delivery.${delivery}`, DELIVERY_MS)).status === 'taken';
    },
  };
}

/** What somebody may not see is to them as if it did not exist. */
/** People write `web` for Deployment/web, and may mean the pod. */
function isAbout(incident: Incident, workload: string): boolean {
  return incident.workload.endsWith(`/${workload}`) || incident.pod === workload;
}
