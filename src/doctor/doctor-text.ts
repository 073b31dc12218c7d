import { hanging, type Paint } from '../report/layout.ts';
import { count } from '../text/wording.ts';
import { CATEGORIES, type Checked, nameOf } from './check.ts';

const MARKS = { ok: '✓', warning: '‼', broken: '✗', skipped: '·' } as const;
/** Where a check is explained, on the pages that come with the program. */
const PAGE = 'docs/doctor.md';

/** What checks have seen, for a terminal: a heading for each category, a line for each check, and below what is wrong the hint and the page. */
export function doctorText(checked: readonly Checked[], { paint, width }: { readonly paint: Paint; readonly width: number }): string {
  const blocks = CATEGORIES.flatMap((category) => {
    const own = checked.filter((one) => one.category === category);
    return own.length === 0 ? [] : [[paint.strong(category), ...own.flatMap((one) => linesOf(one, paint, width))].join('\n')];
  });
  return `${[...blocks, summary(checked, paint)].join('\n\n')}\n`;
}

function linesOf(checked: Checked, paint: Paint, width: number): readonly string[] {
  const colour = { ok: paint.good, warning: paint.command, broken: paint.bad, skipped: paint.faint }[checked.status];
  const [first = '', ...rest] = hanging('  ', `${nameOf(checked)}: ${checked.says}`, width - 2);
  return [
    `${colour(MARKS[checked.status])} ${first.trimStart()}`,
    ...rest,
    ...('hint' in checked ? hanging('    ', `${checked.hint} See ${PAGE}#${checked.id}.`, width) : []),
  ];
}

function summary(checked: readonly Checked[], paint: Paint): string {
  const of = (status: Checked['status']) => checked.filter((one) => one.status === status).length;
  const [broken, warnings, skipped] = [of('broken'), of('warning'), of('skipped')];
  const parts = [
    `${count(checked.length - skipped, 'check')} made`,
    ...(skipped === 0 ? [] : [`${skipped} left out`]),
    ...(warnings === 0 ? [] : [count(warnings, 'warning')]),
    broken === 0 ? 'nothing broken' : `${broken} broken`,
  ];
  return broken === 0 ? paint.good(`${parts.join(', ')}.`) : paint.bad(`${parts.join(', ')}.`);
}
