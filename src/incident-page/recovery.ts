import { changeWords, endWords, recoveryOf } from '../report/card/resolved-card.ts';
import { count, duration } from '../text/wording.ts';
import type { Block, Words } from './blocks.ts';
import type { Dossier } from './dossier.ts';

/** How an incident ended, in words; not by itself where a plan has helped. Undefined where it did not end by its pods. */
export function endOf({ incident, plans }: Pick<Dossier, 'incident' | 'plans'>): string | undefined {
  const end = recoveryOf(incident);
  const isMended = plans.some(({ record: { effect } }) => effect?.status === 'worked');
  return end && endWords(incident, end, isMended ? 'After a change' : undefined);
}

/** How long what took, how many pods came back, and what was seen to change. */
export function recoveryBlocks(dossier: Dossier): readonly Block[] {
  const { incident, plans } = dossier;
  const { life, since, openedAt, outcome } = incident;
  const ended = life.status === 'resolved' ? life.at : undefined;
  const end = recoveryOf(incident);
  const applied = plans
    .flatMap(({ record: { execution, effect } }) => (execution?.status === 'applied' ? [{ execution, effect }] : []))
    .at(-1);
  const took = (label: string, from: string | undefined, to: string | undefined): readonly (readonly [string, Words])[] => {
    const ms = Date.parse(to ?? '') - Date.parse(from ?? '');
    return ms >= 0 ? [[label, [duration(ms)]]] : [];
  };
  const rows: readonly (readonly [string, Words])[] = [
    ...took('From the first failed pull to the incident', since, openedAt),
    ...took('From the incident to the newest verdict', openedAt, outcome?.at),
    ...took('From the incident to the last change', openedAt, applied?.execution.at),
    ...(applied?.effect && applied.effect.status !== 'watching' && applied.effect.pods > 0
      ? [
          ...took('From the last change to its effect', applied.execution.at, applied.effect.at),
          [
            'Pods that the last change was for',
            [`${applied.effect.pulled} of ${count(applied.effect.pods, 'pod')} have their images`],
          ] as const,
        ]
      : []),
    ...took('From the incident to its end', openedAt, ended),
    ...(end ? [['Pods at the end', [`${count(end.by.pods, 'pod')} touched, ${end.by.pulled} seen to pull`]] as const] : []),
  ];
  return [
    ...(ended === undefined ? [{ kind: 'paragraph', text: ['The incident is open.'] } as const] : []),
    ...(rows.length === 0 ? [] : [{ kind: 'facts', rows } as const]),
    ...(end && end.by.changes.length > 0
      ? [
          {
            kind: 'points',
            label: 'What was seen to change in between; not that it was the reason',
            items: end.by.changes.map((change): Words => [changeWords(change)]),
          } as const,
        ]
      : []),
  ];
}
