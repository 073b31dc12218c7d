import type { Person } from '../access/account.ts';
import { type Answer, deniedByWebhook } from '../answers.ts';
import { type StoredObject, WrittenObject } from '../objects.ts';
import type { Place } from '../resources.ts';
import { shown } from '../watch.ts';
import { jsonPatched, type Operations } from './patches/json-patch.ts';

/** What a webhook is told of a write: the part of an AdmissionReview that is looked at. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly user: string;
  readonly dryRun: boolean;
  /** As it is to be; absent for a deletion. */
  readonly object?: object;
  /** As it is; absent for a creation. */
  readonly oldObject?: object;
}

/** What a webhook says. Only a mutating one patches. */
export type Verdict =
  | { readonly allowed: true; readonly patch?: Operations }
  | { readonly allowed: false; readonly message?: string; readonly reason?: string; readonly code?: number };

/** Somebody who is asked before something is written. */
export interface Webhook {
  readonly kind: 'mutating' | 'validating';
  /** As refusals call it. */
  readonly name: string;
  /** Asked of writes in this namespace only, where there is one. */
  readonly namespace?: string;
  readonly review: (request: AdmissionRequest) => Verdict;
}

/** The write that is asked about. */
interface Asked {
  readonly place: Place;
  readonly person: Person;
  readonly dryRun: boolean;
}

/** What is there, and what is to be there. */
interface Change {
  readonly before?: StoredObject;
  readonly object?: StoredObject | WrittenObject;
}

/** The webhooks of a cluster, in the order in which they were added. */
export class Admission {
  readonly #webhooks = new Set<Webhook>();

  /** Asks a webhook from now on, until what it returns is called. */
  add(webhook: Webhook): () => void {
    this.#webhooks.add(webhook);
    return () => void this.#webhooks.delete(webhook);
  }

  /** The object as mutating webhooks want it; the answer where one refuses. Throws where a patch of theirs cannot be done. */
  mutated(asked: Asked, { object, ...change }: Change & { readonly object: WrittenObject }): WrittenObject | Answer {
    let wanted = object;
    for (const webhook of this.#asked(asked, 'mutating')) {
      const verdict = webhook.review(requestOf(asked, { ...change, object: wanted }));
      if (!verdict.allowed) return deniedByWebhook(webhook.name, verdict);
      if (verdict.patch) wanted = WrittenObject.parse(jsonPatched(shown(asked.place.resource, wanted), verdict.patch));
    }
    return wanted;
  }

  /** The answer where a webhook does not want a write as it is to be; of a deletion, mutating ones are asked here. */
  objection(asked: Asked, change: Change): Answer | undefined {
    const mutating = change.object ? [] : this.#asked(asked, 'mutating');
    for (const webhook of [...mutating, ...this.#asked(asked, 'validating')]) {
      const verdict = webhook.review(requestOf(asked, change));
      if (!verdict.allowed) return deniedByWebhook(webhook.name, verdict);
    }
    return undefined;
  }

  #asked({ place }: Asked, kind: Webhook['kind']): readonly Webhook[] {
    return [...this.#webhooks].filter((webhook) => webhook.kind === kind && (webhook.namespace ?? place.namespace) === place.namespace);
  }
}

function requestOf({ place, person, dryRun }: Asked, { before, object }: Change): AdmissionRequest {
  const { resource, namespace } = place;
  return {
    operation: object ? (before ? 'UPDATE' : 'CREATE') : 'DELETE',
    kind: resource.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name: before?.metadata.name ?? object?.metadata.name ?? '',
    user: person.user,
    dryRun,
    ...(object ? { object: shown(resource, object) } : {}),
    ...(before ? { oldObject: shown(resource, before) } : {}),
  };
}
