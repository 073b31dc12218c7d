import { z } from 'zod';
import { CodedError } from '../errors.ts';
import type { Alert, AlertReading } from './alert.ts';
import { readFields, Texts } from './senders/fields.ts';
import { MAX_ALERTS, makeAlert } from './senders/make-alert.ts';

const Group = z
  .object({
    alerts: z.array(z.unknown()),
    status: z.string(),
    groupKey: z.string(),
    truncatedAlerts: z.int().nonnegative(),
    commonLabels: Texts,
    commonAnnotations: Texts,
  })
  .partial();
const Member = z
  .object({
    status: z.string(),
    labels: Texts,
    annotations: Texts,
    startsAt: z.string(),
    fingerprint: z.string(),
  })
  .partial();
type Group = z.infer<typeof Group>;

/** The part of the body of Alertmanager's webhook that Grafana copied: a group with its alerts. `sender` is for the text of errors. */
export interface GroupFormat {
  readonly sender: string;
  /** Other words than `firing` and `resolved` that the sender uses for them. */
  readonly words: ReadonlyMap<string, Alert['status']>;
}

/**
 * Reads such a group. An alert or a field that is broken is named in `problems`, and what is left of the alert is read. Throws
 * `alert/unreadable` where there is no list of alerts.
 */
export function readGroup(body: unknown, source: string, { sender, words }: GroupFormat): AlertReading {
  const { fields: group, problems } = readFields<Group>(Group, body, '');
  if (!group.alerts)
    throw new CodedError(
      'alert/unreadable',
      `The body has no list "alerts", so it is not what ${sender} sends. For another payload configure the source as generic with a mapping.`,
    );
  const members = group.alerts.slice(0, MAX_ALERTS).map((member, at) => readMember({ member, at, group, source, words }));
  return {
    alerts: members.flatMap(({ alert }) => alert ?? []),
    problems: [...problems, ...members.flatMap((member) => member.problems)],
    leftOut: (group.truncatedAlerts ?? 0) + Math.max(0, group.alerts.length - MAX_ALERTS),
    ignored: 0,
  };
}

function readMember(given: {
  readonly member: unknown;
  readonly at: number;
  readonly group: Group;
  readonly source: string;
  readonly words: GroupFormat['words'];
}): { readonly alert?: Alert; readonly problems: readonly string[] } {
  const { at, group, source, words } = given;
  const where = `alerts[${at}]`;
  const { fields, problems } = readFields<z.infer<typeof Member>>(Member, given.member, where);
  if (Object.keys(fields).length === 0) return { problems: problems.length > 0 ? problems : [`${where} is empty`] };
  const labels = { ...group.commonLabels, ...fields.labels };
  const annotations = { ...group.commonAnnotations, ...fields.annotations };
  if (Object.keys(labels).length === 0 && Object.keys(annotations).length === 0)
    return { problems: [...problems, `${where} has no labels`] };
  // Without a word of its own it is as the group is; one that nobody knows is better looked at than lost.
  const word = fields.status ?? group.status ?? 'firing';
  const status = words.get(word.toLowerCase());
  return {
    alert: makeAlert({
      source,
      status: status ?? 'firing',
      id: fields.fingerprint,
      group: group.groupKey,
      name: labels['alertname'],
      startsAt: fields.startsAt,
      labels,
      text: textOf(annotations),
    }),
    problems: status ? problems : [...problems, `${where}.status is neither firing nor resolved`],
  };
}

const FIRST = ['summary', 'description', 'message'];

/** Summary and description first; addresses of runbooks and dashboards say nothing about what is wrong. */
function textOf(annotations: Readonly<Record<string, string>>): string {
  const others = Object.keys(annotations).filter((key) => !FIRST.includes(key) && !/ur[il]$|^__/i.test(key));
  return [...FIRST, ...others].flatMap((key) => annotations[key] ?? []).join('\n');
}
