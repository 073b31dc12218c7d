import { printable } from '../../text/printable.ts';

/** Words of our own as code; a backtick would end it. */
export function code(text: string): string {
  return `\`${printable(text).replaceAll('`', '')}\``;
}

/** Names come from manifests; none of them may become markup, a link, a mention or a fence. */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]<>|#@~]/g, '\\$&')
    .replace(/\n/g, ' ');
}

/** A fenced block that its content cannot close. */
export function fence(text: string, indent: string, language = ''): string {
  const longest = Math.max(0, ...[...text.matchAll(/`{3,64}/g)].map((match) => match[0].length));
  const ticks = '`'.repeat(Math.max(3, longest + 1));
  return [`${ticks}${language}`, ...printable(text).split('\n'), ticks].map((line) => indent + line).join('\n');
}
