import { scanMessage } from '../report/card/scan-message.ts';
import { Scanned } from '../report/scan-answer.ts';
import { hasWorker } from '../store/heartbeat.ts';
import { createAnswerCache } from '../timing/answer-cache.ts';
import { ANSWER_MS, askWorker } from './ask.ts';
import type { IntakeParts } from './create-intake.ts';
import type { Intake, Refusal } from './intake.ts';
import type { Person } from './people.ts';

/** A list of failing pods is looked up once for so long, however fast somebody types, ms. */
const FRESH_MS = 10_000;
const MAX_LISTS = 100;

/** What fails in a cluster or namespace, as far as somebody may ask about it. */
export function createFailing(parts: IntakeParts): Pick<Intake, 'failingPods' | 'scan'> {
  const { store, queue, access, now, newId } = parts;
  const lists = createAnswerCache({ now: () => now().getTime(), keepMs: FRESH_MS, max: MAX_LISTS });

  async function scanned(person: Person, cluster: string, namespace: string | undefined): Promise<Scanned | Refusal> {
    const rights = await access.rightsOf(person);
    const refusal = rights.refusal(cluster, namespace);
    if (refusal) return refusal;
    const only = rights.namespaces(cluster);
    const where = { ...(namespace === undefined ? {} : { namespace }), ...(only === undefined ? {} : { only }) };
    const key = JSON.stringify([cluster, where]);
    const ask = async (): Promise<Scanned | Refusal> =>
      (await askWorker(queue, { kind: 'scan', cluster, id: newId(), ...where }, Scanned)) ??
      noAnswer(cluster, hasWorker(await store.heartbeats.list(), cluster));
    return (await lists({ key, ask })).answer;
  }

  return {
    async failingPods({ person, cluster, namespace, typed }) {
      const answer = await scanned(person, cluster, namespace);
      if (answer.status === 'refused') return answer;
      const wanted = typed.trim().toLowerCase();
      return answer.pods.filter((found) => `${found.namespace}/${found.pod}`.includes(wanted));
    },
    async scan({ person, cluster, namespace }) {
      const answer = await scanned(person, cluster, namespace);
      return answer.status === 'refused' ? answer : { status: 'scanned', message: scanMessage(answer, cluster) };
    },
  };
}

function noAnswer(cluster: string, worker: boolean): Refusal {
  const waited = `within ${ANSWER_MS / 1000} s`;
  return worker
    ? {
        status: 'refused',
        code: 'intake/slow',
        says: `Cluster ${cluster} was not looked through ${waited}. Name a namespace, or ask again.`,
      }
    : {
        status: 'refused',
        code: 'intake/no-worker',
        says: `No worker of cluster ${cluster} runs at the moment. Whoever runs imagepull should look at its log.`,
      };
}
