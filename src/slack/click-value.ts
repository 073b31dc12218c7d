import { z } from 'zod';
import type { Button, Topic } from '../incident/message.ts';

/** What a click is to do, and about what. */
export type Click = Pick<Button, 'action' | 'about'>;

const Action = z.enum([
  'rerun',
  'raw',
  'page',
  'diagnose',
  'silence',
  'end-silence',
  'care',
  'end-care',
  'dispute',
  'pick',
  'propose',
  'review',
  'deny',
]);
const Kind = z.enum(['incident', 'run', 'plan', 'remedy', 'pod', 'silence', 'cluster']);
/** Slack's limit for the value of an entry of a menu, in its older documentation; what is longer is only put on a button. */
export const MAX_ENTRY_VALUE = 75;
/** An entry that only opens a page. */
export const PAGE = 'page';

/** What Slack hands back with a click. */
export function clickValue({ action, about }: Click): string {
  return `${action} ${about.kind} ${about.id}`;
}

/** The click of a value; undefined for the value of a page, and for what this program did not write. */
export function parseClick(value: string): Click | undefined {
  const [action, kind, ...id] = value.split(' ');
  const read = z.object({ action: Action, kind: Kind, id: z.string().min(1).max(500) }).safeParse({ action, kind, id: id.join(' ') });
  return read.success ? { action: read.data.action, about: { kind: read.data.kind, id: read.data.id } } : undefined;
}

const PodName = z.object({
  cluster: z.string().min(1).max(100),
  namespace: z.string().regex(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/),
  pod: z.string().regex(/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/),
});
type PodName = z.infer<typeof PodName>;

/** A pod whose names may be names; undefined for anything else that came back from a window or a button. */
export function checkedPod(pod: PodName): PodName | undefined {
  return PodName.safeParse(pod).data;
}

/** The pod that a button is about. Only the name of a cluster may hold a slash. */
export function podOf({ kind, id }: Topic): PodName | undefined {
  const parts = id.split('/');
  const [pod, namespace] = [parts.at(-1), parts.at(-2)];
  if (kind !== 'pod' || pod === undefined || namespace === undefined || parts.length < 3) return undefined;
  return checkedPod({ cluster: parts.slice(0, -2).join('/'), namespace, pod });
}
