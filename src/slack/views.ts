import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Incident } from '../incident/incident.ts';
import { USAGE } from '../intake/command.ts';
import type { FailingPod, IncidentList } from '../intake/intake.ts';
import { context, type Plain, plain, preformatted, SECTION, section } from './elements.ts';
import { cut, escapedWithin, markup, visible } from './text.ts';

/** Where a choice of the picker leads; carried by the modal. */
export const PickContext = z.object({ channel: z.string(), cluster: z.string(), namespace: z.string().optional() });
export type PickContext = z.infer<typeof PickContext>;

/** The names by which Slack and this program speak of buttons, fields and windows; slack-manifest.yaml has the shortcut. */
export const IDS = {
  command: '/imagepull',
  shortcut: 'imagepull.diagnose_message',
  rerun: 'imagepull.rerun',
  raw: 'imagepull.raw',
  pick: 'imagepull.pick',
  pickPod: 'imagepull.pick.pod',
} as const;

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
const MOST_VALUE = 75;
const MOST_OPTIONS = 100;

/** An option as Slack takes it. */
interface PlainOption {
  readonly text: Plain;
  readonly value: string;
  readonly description?: Plain;
}

/** Pods as options of the picker. */
export function podOptions(pods: readonly FailingPod[]): PlainOption[] {
  if (pods.length === 0) return noOption('No such pod fails to pull an image');
  return pods.slice(0, MOST_OPTIONS).map((pod) => ({
    text: plainEnd(`${pod.namespace}/${pod.pod}`, MOST_VALUE),
    value: optionOf(pod),
    description: plain(pod.says, MOST_VALUE),
  }));
}

/** What is chosen where there is no pod to choose: only the reason. */
export const NO_POD = '-';

/** The reason why there is no pod to choose, in the place of one. */
export function noOption(reason: string): PlainOption[] {
  return [{ text: plain(reason, MOST_VALUE), value: NO_POD }];
}

/** The value of a pod's option: its name, or a digest where that is too long for Slack. */
export function optionOf({ namespace, pod }: Pick<FailingPod, 'namespace' | 'pod'>): string {
  const name = `${namespace}/${pod}`;
  return name.length <= MOST_VALUE ? name : createHash('sha256').update(name).digest('base64url');
}

/** The pod of an option; undefined for a digest. */
export function podOfOption(value: string): Pick<FailingPod, 'namespace' | 'pod'> | undefined {
  const [namespace = '', pod] = value.split('/');
  return pod === undefined ? undefined : { namespace, pod };
}

/** The window with everything word for word. */
export function rawView(title: string, text: string) {
  const shown = visible(text);
  const chunks: string[] = [];
  for (let at = 0; at < shown.length && chunks.length < 20; ) {
    const chunk = shown.slice(at, at + SECTION).replace(/[\ud800-\udbff]$/, '');
    chunks.push(chunk);
    at += chunk.length;
  }
  const left = shown.length - chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return {
    type: 'modal' as const,
    title: plain(title, 24),
    close: plain('Close', 24),
    blocks: [
      ...chunks.map(preformatted),
      ...(left > 0 ? [context(`${left} more characters. \`imagepull diagnose -o json\` prints all of it.`)] : []),
    ],
  };
}

/** The App Home: what is open. */
export function homeView({ incidents: open, total, complete }: IncidentList) {
  return {
    type: 'home' as const,
    blocks: [
      section(
        open.length === 0
          ? '*Nothing is open.* No pod that was diagnosed still waits for its image.'
          : `*Open (${total}${complete ? '' : ' or more'})*`,
      ),
      ...open.slice(0, 40).map((incident) => section(incidentMarkup(incident))),
      { type: 'divider' as const },
      section(helpText()),
    ],
  };
}

/** A list of incidents, or that there is none. */
export function incidentsText({ incidents, total, complete }: IncidentList, none: string): string {
  if (incidents.length === 0) return none;
  const left = total - incidents.length;
  const more = left > 0 ? [`and ${left}${complete ? '' : ' or more'} others`] : [];
  return cut([...incidents.map((incident) => `• ${incidentMarkup(incident)}`), ...more].join('\n'), SECTION);
}

function incidentMarkup(incident: Incident): string {
  const { namespace, pod, cluster, outcome } = incident;
  const [place] = incident.places;
  const where = place === undefined ? '' : ` · <#${place.channel}>`;
  const what = outcome ? escapedWithin(outcome.title, 150) : 'being looked into';
  return `${markup([{ kind: 'code', text: `${namespace}/${pod}` }])} in ${escapedWithin(cluster, 60)}: ${what} · ${markup([{ kind: 'time', at: incident.openedAt }])}${where}`;
}

/** How to ask. */
export function helpText(): string {
  const forms = USAGE.map(([form, says]) => `\`${IDS.command} ${form}\`  ${says}`);
  return [
    ...forms,
    'In a thread, mention me instead: `@imagepull diagnose NAMESPACE/POD`. On an alert, use the message shortcut "Diagnose image pull".',
  ].join('\n');
}

/** The end of a name tells pods apart, so that is what stays. */
function plainEnd(text: string, most: number) {
  return plain(text.length <= most ? text : `…${text.slice(1 - most)}`, most);
}
