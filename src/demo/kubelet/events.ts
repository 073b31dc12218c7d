import { z } from 'zod';
import type { Later } from '../clock.ts';
import type { ObjectStore } from '../cluster/object-store.ts';
import { resourceOfKind } from '../cluster/resources.ts';

/** Which pod, and which container of it, an event is about. */
export interface About {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** Absent for the pod as a whole. */
  readonly container?: string;
}

/** What a kubelet says. */
export interface Said {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

const EVENTS = resourceOfKind('Event');
const Counted = z.looseObject({ count: z.number() });

/** Says something about a container: a new event, or one more time what was said before. */
export function createRecorder({
  store,
  clock,
  node,
}: {
  readonly store: ObjectStore;
  readonly clock: Later;
  readonly node: string;
}): (about: About, said: Said) => void {
  /** Names of events by what they say. */
  const known = new Map<string, string>();
  return ({ namespace, pod, uid, container }, { type, reason, message }) => {
    const place = container === undefined ? {} : { fieldPath: `spec.containers{${container}}` };
    const id = JSON.stringify([uid, place, reason, message]);
    const name = known.get(id) ?? `${pod}.${(clock.now().getTime() * 4_096 + known.size).toString(16)}`;
    known.set(id, name);
    const before = store.get(EVENTS, `${namespace}/${name}`);
    const lastTimestamp = store.timeAfter(0);
    if (before) {
      store.write(EVENTS, { ...before, count: Counted.parse(before).count + 1, lastTimestamp });
      return;
    }
    store.write(EVENTS, {
      metadata: { name, namespace },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: lastTimestamp,
      lastTimestamp,
      eventTime: null,
      involvedObject: { kind: 'Pod', apiVersion: 'v1', namespace, name: pod, uid, ...place },
      source: { component: 'kubelet', host: node },
      reportingComponent: 'kubelet',
      reportingInstance: node,
    });
  };
}
