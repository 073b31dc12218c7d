import { z } from 'zod';
import type { WrongField } from '../answers.ts';
import type { WrittenObject } from '../objects.ts';

const Text = z.string().nullish();
const Event = z.looseObject({
  metadata: z.looseObject({ namespace: Text }),
  involvedObject: z.looseObject({ namespace: Text }).nullish(),
  eventTime: Text,
  reportingComponent: Text,
  reportingInstance: Text,
  action: Text,
  reason: Text,
});

/** Said by every event that has an `eventTime`. */
const REQUIRED = ['reportingComponent', 'reportingInstance', 'action', 'reason'] as const;

/** What is wrong with a new event: the first thing of pkg/apis/core/validation/events.go. */
export function eventObjection(object: WrittenObject): WrongField | undefined {
  const { metadata, involvedObject, ...event } = Event.parse(object);
  const about = involvedObject?.namespace ?? '';
  const { namespace } = metadata;
  // What is in no namespace has its events in the default one; new ones are not compared with what they are about.
  const system = event.eventTime ? ['default', 'kube-system'] : ['default'];
  const fits = about === '' ? system.includes(namespace ?? '') : about === namespace || Boolean(event.eventTime);
  if (!fits) return { field: 'involvedObject.namespace', because: `Invalid value: "${about}": does not match event.namespace` };
  const missing = event.eventTime ? REQUIRED.find((field) => !event[field]) : undefined;
  return missing && { field: missing, because: 'Required value' };
}
