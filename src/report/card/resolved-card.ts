import type { Change, Incident, Life } from '../../incident/incident.ts';
import type { Button, MenuEntry, Piece } from '../../incident/message.ts';
import { count, duration, list, sentence, shortened } from '../../text/wording.ts';

/** The end of an incident whose pods have their images, or are gone. */
export type Recovered = Extract<Life, { readonly status: 'resolved' }> & { readonly by: { readonly kind: 'recovery' } };

/** How an incident ended, if it ended because its pods recovered. */
export function recoveryOf({ life }: Incident): Recovered | undefined {
  if (life.status !== 'resolved') return undefined;
  const { by } = life;
  return by.kind === 'recovery' ? { ...life, by } : undefined;
}

/** The card of an incident that has ended without a plan that mended it: how it ended, what it was, and what was seen to change. */
export function resolvedCard(
  incident: Incident,
  end: Recovered,
  menu: readonly MenuEntry[],
  buttons: readonly Button[] = [],
): readonly Piece[] {
  const { outcome, cluster } = incident;
  const was = outcome === undefined || outcome.cause === null ? [] : [sentence(`It was: ${shortened(outcome.title, MAX_TITLE)}`)];
  const text = [...was, ...end.by.changes.map(changeWords)].join(' ');
  return [
    { kind: 'headline', mark: 'fine', text: endWords(incident, end) },
    ...(text === '' ? [] : [{ kind: 'text', text: [text] } as const]),
    ...(buttons.length + menu.length === 0 ? [] : [{ kind: 'buttons', buttons, menu } as const]),
    { kind: 'note', text: [`${cluster} · `, { kind: 'time', at: end.at, precision: 'minute' }] },
  ];
}

const MAX_TITLE = 125;

/** `Resolved by itself: 14 pods pulled · failed for 16 min`; `how` in place of its beginning, where something was done about it. */
export function endWords({ since, openedAt }: Incident, { at, by: { pods, pulled } }: Recovered, how = 'Resolved by itself'): string {
  const lasted = duration(wholeMinutes(Date.parse(at) - Date.parse(since ?? openedAt)));
  return `${how}: ${podWords(pods, pulled)} · failed for ${lasted}`;
}

function podWords(pods: number, pulled: number): string {
  if (pulled >= pods) return `${count(pods, 'pod')} pulled`;
  if (pods === 1) return 'the pod is gone';
  const seen = pulled === 0 ? '' : `, ${pulled} of them seen to pull`;
  return `none of ${count(pods, 'pod')} fails any more${seen}`;
}

/** Seconds say nothing of what lasted for minutes. */
function wholeMinutes(ms: number): number {
  return ms < 60_000 ? ms : ms - (ms % 60_000);
}

/** What changed, as it was seen; not that it was the reason. */
export function changeWords(change: Change): string {
  switch (change.what) {
    case 'image':
      return `${change.workload} now asks for ${shortened(change.image)}.`;
    case 'replaced':
      return `The pods of ${change.workload} were replaced; the new ones have their images.`;
    case 'nodes':
      return `The pods of ${change.workload} now run on ${list(change.nodes)}.`;
    case 'secret':
      return `Pull secret ${change.name} was made in between.`;
    default:
      return change satisfies never;
  }
}
