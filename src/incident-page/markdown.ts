import type { Inline } from '../incident/message.ts';
import { code, escapeMarkdown, fence } from '../report/formats/markdown.ts';
import { clock } from '../report/layout.ts';
import type { Block, Contents, Words } from './blocks.ts';
import { webAddress } from './html.ts';
import { scopeWords } from './scope-picture.ts';

/** The page as Markdown, to be pasted into a post-mortem. */
export function markdownPage({ title, status, sections, foot }: Contents): string {
  const parts = sections.map(({ title: heading, blocks }) => [`## ${escapeMarkdown(heading)}`, ...blocks.map(blockMarkdown)].join('\n\n'));
  return `${[`# ${escapeMarkdown(title)}`, `**${status.mark === 'open' ? 'Open' : 'Ended'}** ${words(status.text)}`, ...parts, '---', words(foot)].join('\n\n')}\n`;
}

function blockMarkdown(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return atLineStart(words(block.text));
    case 'points':
      return [
        ...(block.label === undefined ? [] : [`**${escapeMarkdown(block.label)}**\n`]),
        ...block.items.map((item) => `- ${atLineStart(words(item))}`),
      ].join('\n');
    case 'facts':
      return block.rows.map(([label, text]) => `- **${escapeMarkdown(label)}**: ${words(text)}`).join('\n');
    case 'table':
      return [
        tableRow(block.head.map(escapeMarkdown)),
        tableRow(block.head.map(() => '---')),
        ...block.rows.map((row) => tableRow(row.map(words))),
      ].join('\n');
    case 'timeline':
      return block.entries
        .map(({ at, text, quote }) =>
          [`- ${clock(at)}: ${words(text)}`, ...(quote === undefined ? [] : ['', fence(quote, '  '), ''])].join('\n'),
        )
        .join('\n');
    case 'verbatim':
      return `${escapeMarkdown(block.label)}:\n\n${fence(block.text, '')}`;
    case 'scope':
      return scopeWords(block.table)
        .map((line) => `- ${escapeMarkdown(line)}`)
        .join('\n');
    default:
      return block satisfies never;
  }
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** What begins a list, a rule or a heading only at the beginning of a line. */
function atLineStart(markdown: string): string {
  return markdown.replace(/^([-+=]|\d+[.)])/, (sign) => (/^\d/.test(sign) ? `${sign.slice(0, -1)}\\${sign.slice(-1)}` : `\\${sign}`));
}

function words(text: Words): string {
  return text.map(inline).join('');
}

function inline(part: Inline): string {
  if (typeof part === 'string') return escapeMarkdown(part);
  switch (part.kind) {
    case 'strong':
      return part.text.trim() === '' ? '' : `**${escapeMarkdown(part.text.trim())}**${/\s$/.test(part.text) ? ' ' : ''}`;
    case 'code':
      // A table ends a cell at this sign within code as well.
      return code(part.text.replaceAll('|', '¦').replaceAll('\n', ' '));
    case 'time':
      return clock(part.at);
    case 'link': {
      const url = webAddress(part.url);
      return url === undefined
        ? escapeMarkdown(part.text)
        : `[${escapeMarkdown(part.text)}](<${url.replace(/[<>\\]/g, encodeURIComponent)}>)`;
    }
    case 'mention':
    case 'channel':
      return escapeMarkdown(part.id);
    default:
      return part satisfies never;
  }
}
