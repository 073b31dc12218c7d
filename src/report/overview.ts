import { duration, list } from '../text/wording.ts';
import { clock } from './layout.ts';
import { leadFailure, type Report } from './report.ts';

/** One labelled sentence of a report. */
export type OverviewRow = readonly [label: string, text: string];

/** What a reader has to know first, in this order, on a terminal as in markdown; what does not apply is left out. */
export function overviewRows(report: Report): readonly OverviewRow[] {
  const { verdict, scope, target } = report;
  const failure = leadFailure(report);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Chosen', report.selection?.says],
    ['Note', target.replaces && `${target.namespace}/${target.replaces} is gone. Its controller replaced it; this is about ${target.pod}.`],
    ['Because', verdict.cause === null ? verdict.because.join(' ') : undefined],
    ['Meaning', report.means ?? undefined],
    ['Reach', scope ? [scope.says, ...scope.counterexamples].join(' ') : undefined],
    ['Since', failure?.since && `${clock(failure.since)} (${duration(Date.parse(report.at) - Date.parse(failure.since))} ago)`],
    ['Next retry', failure?.retry.says],
    ['Against', verdict.against.join(' ') || undefined],
    [
      'Other possibilities',
      list(
        verdict.alternatives.map((other) => `${other.cause} (${other.confidence})`),
        5,
      ) || undefined,
    ],
  ];
  return rows.flatMap(([label, text]) => (text === undefined ? [] : [[label, text] as const]));
}
