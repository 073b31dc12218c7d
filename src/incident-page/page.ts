import type { Inline } from '../incident/message.ts';
import { clock } from '../report/layout.ts';
import type { Block, Contents, Section, Words } from './blocks.ts';
import { html, type Markup, styleElement, webAddress } from './html.ts';
import { scopePicture, scopeWords } from './scope-picture.ts';
import { STYLE } from './style.ts';
import type { Happening } from './timeline.ts';

/** The page of an incident, whole. `markdownPath` leads to the same as Markdown. */
export function incidentPage({ title, status, sections, foot }: Contents, { markdownPath }: { readonly markdownPath: string }): string {
  return documentOf(
    title,
    html`<main>
<header>
<p class="brand">imagepull incident</p>
<h1>${title}</h1>
<p class="status"><span class="mark ${status.mark}">${status.mark === 'open' ? 'Open' : 'Ended'}</span> <span>${words(status.text)}</span></p>
<p class="actions"><a href="${markdownPath}">Download as Markdown</a></p>
</header>
${sections.map(sectionMarkup)}
<footer>${words(foot)}. Times are in UTC.</footer>
</main>`,
  );
}

/** A small page with a few sentences, and perhaps a button that posts to a path of this server. */
export function noticePage(given: {
  readonly title: string;
  readonly text: readonly string[];
  readonly form?: { readonly path: string; readonly label: string };
}): string {
  const { title, text, form } = given;
  return documentOf(
    title,
    html`<main class="notice">
<p class="brand">imagepull incident</p>
<h1>${title}</h1>
${text.map((sentence) => html`<p>${sentence}</p>`)}
${form && html`<form method="post" action="${form.path}"><button type="submit">${form.label}</button></form>`}
</main>`,
  );
}

function documentOf(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title} · imagepull</title>
${styleElement(STYLE)}
</head>
<body>
${body}
</body>
</html>
`.markup;
}

function sectionMarkup({ id, title, blocks }: Section): Markup {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${blocks.map(blockMarkup)}
</section>
`;
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case 'paragraph':
      return html`<p>${words(block.text)}</p>
`;
    case 'points':
      return html`${block.label === undefined ? undefined : html`<h3>${block.label}</h3>`}<ul>${block.items.map((item) => html`<li>${words(item)}</li>`)}</ul>
`;
    case 'facts':
      return html`<dl>${block.rows.map(
        ([label, text]) => html`<dt>${label}</dt><dd>${words(text)}</dd>
`,
      )}</dl>
`;
    case 'table':
      return tableMarkup(block);
    case 'timeline':
      return html`<ol class="timeline">${block.entries.map(
        ({ at, what, text, quote }) =>
          html`<li class="${what}"><time datetime="${at}">${clock(at)}</time><span class="what">${HAPPENINGS[what]}</span><div class="text">${words(text)}${quote === undefined ? undefined : html`<blockquote>${quote}</blockquote>`}</div></li>
`,
      )}</ol>
`;
    case 'verbatim':
      return html`<p class="label">${block.label}</p><pre>${block.text}</pre>
`;
    case 'scope':
      return html`<div class="picture"><div class="wide" role="group" tabindex="0" aria-label="Picture of the reach; it scrolls where it is too wide">${scopePicture(block.table)}</div>
<h3>The picture in words</h3><ul>${scopeWords(block.table).map((line) => html`<li>${line}</li>`)}</ul></div>
`;
    default:
      return block satisfies never;
  }
}

const HAPPENINGS: Readonly<Record<Happening, string>> = {
  failing: 'failing',
  opened: 'opened',
  finding: 'seen',
  verdict: 'diagnosis',
  people: 'people',
  decision: 'decision',
  change: 'change',
  ended: 'ended',
};

/** On a phone each cell stands on a line of its own, behind the head of its column. */
function tableMarkup({ head, rows }: Extract<Block, { readonly kind: 'table' }>): Markup {
  const cells = (row: readonly Words[]): readonly Markup[] => row.map((cell, at) => html`<td data-label="${head[at]}">${words(cell)}</td>`);
  return html`<div class="wide"><table><thead><tr>${head.map((label) => html`<th scope="col">${label}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${cells(row)}</tr>
`,
  )}</tbody></table></div>
`;
}

function words(text: Words): readonly Markup[] {
  return text.map(inline);
}

function inline(part: Inline): Markup {
  if (typeof part === 'string') return html`${part}`;
  switch (part.kind) {
    case 'strong':
      return html`<strong>${part.text}</strong>`;
    case 'code':
      return html`<code>${part.text}</code>`;
    case 'time':
      return html`<time datetime="${part.at}">${clock(part.at)}</time>`;
    case 'link': {
      const url = webAddress(part.url);
      return url === undefined ? html`${part.text}` : html`<a href="${url}" rel="noreferrer">${part.text}</a>`;
    }
    case 'mention':
    case 'channel':
      return html`${part.id}`;
    default:
      return part satisfies never;
  }
}
