import { nameOf as checkOf } from '../../doctor/check.ts';
import type { Examined, Wrong } from '../../doctor/examined.ts';
import type { Inline, Message, Piece } from '../../incident/message.ts';
import type { Examination, Examinee } from '../../intake/examination.ts';
import { count, list } from '../../text/wording.ts';

const MARKS = { warning: '‼', broken: '✗' } as const;

/** How the bot is: the worst of it first, then each process with what it lacks, and what to do. */
export function examinationMessage({ processes }: Pick<Examination, 'processes'>): Message {
  const wrong = processes.flatMap(({ examined }) => examined?.wrong ?? []);
  const { mark, headline } = verdictOn(wrong);
  const pieces: readonly Piece[] = [
    { kind: 'headline', mark, text: headline },
    ...processes.flatMap(piecesOf),
    {
      kind: 'note',
      text: [
        processes.length < 2 ? '' : 'The others look every five minutes, and not at kubelets and registries. ',
        'docs/doctor.md has each check; ',
        { kind: 'code', text: 'imagepull doctor' },
        ' in a terminal shows those that are fine, too.',
      ],
    },
  ];
  return { key: 'doctor', inThread: false, pieces, text: [headline, ...wrong.map(lineOf)].join('\n') };
}

function verdictOn(wrong: readonly Wrong[]): { readonly mark: 'wrong' | 'unsure' | 'fine'; readonly headline: string } {
  const { broken, warnings } = numbersOf(wrong);
  if (broken > 0) return { mark: 'wrong', headline: `${broken} of my checks ${broken === 1 ? 'fails' : 'fail'}` };
  if (warnings > 0) return { mark: 'unsure', headline: `I work, with ${count(warnings, 'warning')}` };
  return { mark: 'fine', headline: 'I have all that I need' };
}

function piecesOf(process: Examinee, at: number): readonly Piece[] {
  const { examined } = process;
  const who: Inline = { kind: 'strong', text: at === 0 ? `This process (${nameOf(process)})` : nameOf(process) };
  if (!examined) return [{ kind: 'text', text: [who, ': it has not said yet how it is.'] }];
  const when: readonly Inline[] = at === 0 ? [] : [' Seen ', { kind: 'time', at: examined.at, precision: 'minute' }, '.'];
  return [{ kind: 'text', text: [who, `: ${summary(examined)}`, ...when] }, ...examined.wrong.map(pieceOf)];
}

function nameOf({ roles, clusters, release }: Examinee): string {
  const does = roles.length === 0 ? 'no sign of life' : list(roles);
  const forWhom = clusters.length === 0 ? '' : ` for ${list(clusters, 5)}`;
  return `${does}${forWhom}${release === undefined ? '' : `, ${release}`}`;
}

function pieceOf(wrong: Wrong): Piece {
  return { kind: 'text', text: [`${MARKS[wrong.status]} `, { kind: 'code', text: checkOf(wrong) }, ` ${wrong.says} ${wrong.hint}`] };
}

function lineOf(wrong: Wrong): string {
  return `${MARKS[wrong.status]} ${checkOf(wrong)}: ${wrong.says}`;
}

function summary({ made, wrong }: Pick<Examined, 'made' | 'wrong'>): string {
  const { broken, warnings } = numbersOf(wrong);
  const parts = [
    `${count(made, 'check')} made`,
    ...(warnings === 0 ? [] : [count(warnings, 'warning')]),
    broken === 0 ? 'nothing broken' : `${broken} broken`,
  ];
  return `${parts.join(', ')}.`;
}

function numbersOf(wrong: readonly Wrong[]): { readonly broken: number; readonly warnings: number } {
  const broken = wrong.filter(({ status }) => status === 'broken').length;
  return { broken, warnings: wrong.length - broken };
}
