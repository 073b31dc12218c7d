import type { Message, Piece } from '../../incident/message.ts';
import { count } from '../../text/wording.ts';
import { plainText } from '../plain-text.ts';
import type { Scanned } from '../scan-answer.ts';

/** A scan for one person in a chat: the largest groups with a button each, and how much is not shown. */
export function scanMessage(scan: Scanned, cluster: string): Message {
  const pieces = scan.reasons === 0 ? nothingPieces(scan) : groupPieces(scan, cluster);
  return { key: 'scan', inThread: false, pieces, text: plainText(pieces) };
}

function nothingPieces(scan: Scanned): readonly Piece[] {
  return [{ kind: 'headline', mark: 'fine', text: 'No pull fails' }, ...footPieces(scan)];
}

function groupPieces(scan: Scanned, cluster: string): readonly Piece[] {
  const { groups, reasons, failing, hidden } = scan;
  const more = reasons - groups.length;
  const [only] = groups;
  const shown = more > 0 ? `. The ${groups.length} largest:` : '';
  const cannot = failing === 1 ? 'pod cannot pull an image' : 'pods cannot pull their images';
  return [
    {
      kind: 'headline',
      mark: 'wrong',
      text: `${count(failing, cannot, cannot)}, for ${only && reasons === 1 ? 'one reason' : count(reasons, 'reason')}${shown}`,
    },
    ...groups.map(
      ({ title, cause, confidence, pods, namespace, pod }): Piece => ({
        kind: 'choice',
        text: [
          { kind: 'strong', text: title },
          '\n',
          { kind: 'code', text: cause },
          ` ${confidence} · ${podWords(pods, `${namespace}/${pod}`)}`,
        ],
        button: { action: 'diagnose', label: 'Diagnose', about: { kind: 'pod', id: `${cluster}/${namespace}/${pod}` } },
      }),
    ),
    ...(more > 0
      ? [
          {
            kind: 'note',
            text: [
              `${count(more, 'more reason')} with ${count(hidden, 'more pod')}: `,
              { kind: 'code', text: 'imagepull scan' },
              ' in a terminal shows all; naming a namespace narrows it.',
            ],
          } as const,
        ]
      : []),
    ...footPieces(scan),
  ];
}

function podWords(pods: number, name: string): string {
  return pods === 1 ? name : `${count(pods, 'pod')}, ${name} among them`;
}

function footPieces({ lookedAt, shortfalls }: Scanned): readonly Piece[] {
  const { pods, nodes, where, complete } = lookedAt;
  const looked = `${count(pods, 'pod')} on ${count(nodes, 'node')} in ${where}${complete ? '' : '; there are more than were read'}`;
  return [...shortfalls.map((says): Piece => ({ kind: 'note', text: [`Not checked: ${says}`] })), { kind: 'note', text: [looked] }];
}
