import { asCodedError, CodedError } from '../errors.ts';
import type { Controller, Event, Node, Owner, Pod, Secret, ServiceAccount } from '../facts/kubernetes/kubernetes-object.ts';
import type { Asking, RecordedAnswer } from './recorded-answers.ts';
import type { Recording } from './recording.ts';
import { createPasswordNumbers, secretSkeleton } from './secret-skeleton.ts';

/** What was answered so far: each object once, of secrets only what is no secret. */
export interface Kept {
  pod(pod: Pod): void;
  event(event: Event): void;
  job(job: Owner): void;
  controller(kind: string, controller: Controller): void;
  serviceAccount(account: ServiceAccount): void;
  secret(secret: Secret): void;
  node(node: Node): void;
  /** A page of pods; whether it was the last one. */
  page(isLast: boolean): void;
  /** Passes an answer on and keeps it as it is, also where it is a refusal. */
  answer<T>(ask: Asking, about: string, answer: Promise<T>): Promise<T>;
  /** Passes an object on that `keep` keeps; what does not exist is absent from the recording as well. */
  object<T>(ask: string, about: string, answer: Promise<T>, keep: (object: T) => void): Promise<T>;
  /** Throws `recording/incomplete` if that pod was not among the answers. */
  recording(pod: { readonly namespace: string; readonly name: string }, made: Pick<Recording, 'capturedAt' | 'cluster'>): Recording;
}

/** Nothing is kept yet. */
export function createKept(): Kept {
  const objects = createObjects();
  const answers = new Map<string, RecordedAnswer>();

  async function orRefusal<T>(
    about: Pick<RecordedAnswer, 'ask' | 'about'>,
    answer: Promise<T>,
    tells: (code: string) => boolean,
  ): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      const { code, message } = asCodedError(cause);
      if (tells(code)) keep({ ...about, error: { code, message } });
      throw cause;
    }
  }

  const keep = (kept: RecordedAnswer): void => void answers.set(`${kept.ask}\n${kept.about}`, kept);

  return {
    ...objects.keep,
    async answer(ask, about, answer) {
      const given = await orRefusal({ ask, about }, answer, () => true);
      keep({ ask, about, answer: given });
      return given;
    },
    async object(ask, about, answer, keepObject) {
      const given = await orRefusal({ ask, about }, answer, (code) => code !== 'cluster/not-found');
      keepObject(given);
      return given;
    },
    recording({ namespace, name }, made) {
      const podObject = objects.find(namespace, name);
      if (!podObject) throw new CodedError('recording/incomplete', `Pod ${namespace}/${name} was not read, so there is nothing to record.`);
      return { ...made, namespace, pod: name, podObject, ...objects.all(), answers: [...answers.values()] };
    },
  };
}

/** Objects of the cluster, by kind and name. */
function createObjects() {
  const pods = new Map<string, Pod>();
  let podsComplete = true;
  const events = new Map<string, Event>();
  const owners: Owner[] = [];
  const controllers = new Map<string, Controller>();
  const serviceAccounts = new Map<string, ServiceAccount>();
  const secrets = new Map<string, Secret>();
  const passwordNumbers = createPasswordNumbers();
  const nodes = new Map<string, Node>();
  const keep: Omit<Kept, 'answer' | 'object' | 'recording'> = {
    pod: (pod) => void pods.set(nameOf(pod), pod),
    event: (event) => void events.set(JSON.stringify(event), event),
    job: (job) => void owners.push({ ...job, kind: job.kind || 'Job' }),
    controller: (kind, controller) => void controllers.set(`${kind} ${nameOf(controller)}`, controller),
    serviceAccount: (account) => void serviceAccounts.set(nameOf(account), account),
    secret: (secret) => void secrets.set(nameOf(secret), secretSkeleton(secret, passwordNumbers)),
    node: (node) => void nodes.set(node.metadata.name, node),
    page(isLast) {
      podsComplete &&= isLast;
    },
  };
  return {
    keep,
    find: (namespace: string, name: string): Pod | undefined => pods.get(`${namespace}/${name}`),
    all: () => ({
      events: [...events.values()],
      pods: [...pods.values()],
      podsComplete,
      owners,
      controllers: [...controllers.values()],
      serviceAccounts: [...serviceAccounts.values()],
      secrets: [...secrets.values()],
      nodes: [...nodes.values()],
    }),
  };
}

function nameOf(object: { readonly metadata: { readonly namespace: string; readonly name: string } }): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}
