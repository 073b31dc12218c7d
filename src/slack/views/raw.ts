import { context, plain, preformatted, SECTION } from '../elements.ts';
import { visible } from '../text.ts';

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
