import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FailingPod } from '../../intake/intake.ts';
import { type Plain, plain } from '../elements.ts';
import { IDS } from '../ids.ts';

/** Where a choice of the picker leads; carried by the modal. */
export const PickContext = z.object({
  channel: z.string(),
  thread: z.string().optional(),
  cluster: z.string(),
  namespace: z.string().optional(),
});
export type PickContext = z.infer<typeof PickContext>;

/** The window in which a pod is chosen. */
export function pickView(where: PickContext) {
  return {
    type: 'modal' as const,
    callback_id: IDS.pick,
    private_metadata: JSON.stringify(where),
    title: plain('Diagnose a pod', 24),
    submit: plain('Diagnose', 24),
    close: plain('Cancel', 24),
    blocks: [
      {
        type: 'input' as const,
        block_id: IDS.pickPod,
        label: plain(`Pods of ${where.namespace ?? where.cluster} that cannot pull an image`, 2000),
        element: {
          type: 'external_select' as const,
          action_id: IDS.pickPod,
          min_query_length: 0,
          placeholder: plain('Type part of a namespace or name', 150),
        },
      },
    ],
  };
}

/** Slack's limits for an option's texts and value, and for options at once. */
const MAX_VALUE = 75;
const MAX_OPTIONS = 100;

/** An option as Slack takes it. */
interface PlainOption {
  readonly text: Plain;
  readonly value: string;
  readonly description?: Plain;
}

/** Pods as options of the picker. */
export function podOptions(pods: readonly FailingPod[]): PlainOption[] {
  if (pods.length === 0) return noOption('No such pod fails to pull an image');
  return pods.slice(0, MAX_OPTIONS).map((pod) => ({
    text: plainEnd(`${pod.namespace}/${pod.pod}`, MAX_VALUE),
    value: optionOf(pod),
    description: plain(pod.says, MAX_VALUE),
  }));
}

/** What is chosen where there is no pod to choose: only the reason. */
export const NO_POD = '-';

/** The reason why there is no pod to choose, in the place of one. */
export function noOption(reason: string): PlainOption[] {
  return [{ text: plain(reason, MAX_VALUE), value: NO_POD }];
}

/** The value of a pod's option: its name, or a digest where that is too long for Slack. */
export function optionOf({ namespace, pod }: Pick<FailingPod, 'namespace' | 'pod'>): string {
  const name = `${namespace}/${pod}`;
  return name.length <= MAX_VALUE ? name : createHash('sha256').update(name).digest('base64url');
}

/** The pod of an option; undefined for a digest. */
export function podOfOption(value: string): Pick<FailingPod, 'namespace' | 'pod'> | undefined {
  const [namespace = '', pod] = value.split('/');
  return pod === undefined ? undefined : { namespace, pod };
}

/** The end of a name tells pods apart, so that is what stays. */
function plainEnd(text: string, most: number) {
  return plain(text.length <= most ? text : `…${text.slice(1 - most)}`, most);
}
