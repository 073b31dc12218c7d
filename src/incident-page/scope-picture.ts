import { count, list } from '../text/wording.ts';
import { html, type Markup } from './html.ts';
import { type CellState, type ScopeCell, type ScopeRow, type ScopeTable, stateOfCell } from './scope-cells.ts';

/** Lengths in units of the picture, which are pixels at its natural size. */
const CELL = 30;
/** Room for one character of a name, and of one that leans. */
const LETTER = 7;
const LEANING = 5.4;
const LEGEND_COLUMN = 290;
const MARGIN = 8;
/** Characters of a name that fit beside a row, and above a column. */
const ROW_NAME = 34;
const NODE_NAME = 22;

/** What each mark stands for, in the order of the legend. */
const LEGEND: readonly CellState[] = ['failing', 'failed', 'pulled', 'works'];

function legendWords(state: CellState): string {
  switch (state) {
    case 'failing':
      return 'could not pull when last seen';
    case 'failed':
      return 'could not pull when it was diagnosed';
    case 'pulled':
      return 'has pulled since';
    case 'works':
      return 'runs the same image';
    default:
      return state satisfies never;
  }
}

/**
 * The reach of an incident as a picture: nodes across, workloads down. Each state has a shape of its own besides its colour: a filled square
 * with a cross, an open square with a stroke, a circle with a tick, a small ring. The same stands in its description.
 */
export function scopePicture(table: ScopeTable): Markup {
  const { nodes, rows } = table;
  const states = LEGEND.filter((state) => rows.some(({ cells }) => cells.some((cell) => stateOfCell(cell) === state)));
  const frame = frameOf(table);
  // The last name above a column leans out to the right.
  const width = Math.max(frame.left + nodes.length * CELL + frame.top, LEGEND_COLUMN * Math.min(2, states.length)) + MARGIN;
  const legendTop = frame.top + rows.length * CELL + MARGIN * 2;
  const height = legendTop + Math.ceil(states.length / 2) * (CELL + 2) + MARGIN;
  return html`<svg class="scope" role="img" aria-labelledby="scope-title scope-desc" viewBox="0 0 ${Math.ceil(width)} ${height}" width="${Math.ceil(width)}" height="${height}">
<title id="scope-title">How far it reaches: ${count(rows.length, 'row')} by ${count(nodes.length, 'node')}</title>
<desc id="scope-desc">${scopeWords(table).join(' ')}</desc>
${nodes.map((node, at) => nodeLabel(node, at, frame))}
${rows.map((row, at) => rowMarks(row, { at, nodes, frame }))}
${states.map((state, at) => legendEntry(state, { at, top: legendTop }))}
</svg>`;
}

/** Where the cells begin: beside the longest name of a row, and below the longest of a node. */
interface Frame {
  readonly left: number;
  readonly top: number;
}

function frameOf({ nodes, rows }: ScopeTable): Frame {
  const longest = (names: readonly string[], most: number): number => Math.max(0, ...names.map((name) => Math.min(most, name.length)));
  return {
    left:
      Math.ceil(
        longest(
          rows.map(({ name }) => name),
          ROW_NAME,
        ) * LETTER,
      ) + 12,
    top: Math.ceil(longest(nodes.map(nodeName), NODE_NAME) * LEANING) + 16,
  };
}

function nodeLabel(node: string, at: number, { left, top }: Frame): Markup {
  return html`<text class="node" transform="translate(${left + at * CELL + CELL / 2 + 4} ${top - 6}) rotate(-50)">${cutMiddle(nodeName(node), NODE_NAME)}</text>
`;
}

function rowMarks(
  { kind, name, cells }: ScopeRow,
  { at, nodes, frame: { left, top } }: { readonly at: number; readonly nodes: readonly string[]; readonly frame: Frame },
): Markup {
  const y = top + at * CELL;
  const label = html`<text class="row" x="0" y="${y + CELL / 2 + 4}">${cutMiddle(name, ROW_NAME)}</text>`;
  const line = html`<line class="rule" x1="0" y1="${y + CELL}" x2="${left + nodes.length * CELL}" y2="${y + CELL}"/>`;
  const marks = cells.flatMap((cell, column) => {
    const state = stateOfCell(cell);
    if (cell === undefined || state === undefined) return [];
    const where = { x: left + column * CELL, y };
    const says = `${name} on ${nodeName(nodes[column] ?? '')}: ${cellWords(cell)}`;
    return [html`<g><title>${says}</title>${mark(state, where)}${amount(cell, state, where)}</g>`];
  });
  return html`<g class="${kind}">${label}${line}${marks}</g>
`;
}

interface Where {
  readonly x: number;
  readonly y: number;
}

/** Shape and colour; the colours keep their distance for every kind of colour blindness (Okabe and Ito, 2008), and the shapes do without. */
function mark(state: CellState, { x, y }: Where): Markup {
  const [left, top, right, bottom] = [x + 7, y + 7, x + CELL - 7, y + CELL - 7];
  const [middle, centre] = [x + CELL / 2, y + CELL / 2];
  switch (state) {
    case 'failing':
      return html`<rect class="failing" x="${left}" y="${top}" width="${CELL - 14}" height="${CELL - 14}" rx="2"/><path class="cross" d="M${left + 4} ${top + 4}L${right - 4} ${bottom - 4}M${right - 4} ${top + 4}L${left + 4} ${bottom - 4}"/>`;
    case 'failed':
      return html`<rect class="failed" x="${left + 1}" y="${top + 1}" width="${CELL - 16}" height="${CELL - 16}" rx="2"/><path class="stroke" d="M${left + 4} ${bottom - 4}L${right - 4} ${top + 4}"/>`;
    case 'pulled':
      return html`<circle class="pulled" cx="${middle}" cy="${centre}" r="8"/><path class="tick" d="M${middle - 4} ${centre}L${middle - 1} ${centre + 3.5}L${middle + 4.5} ${centre - 3.5}"/>`;
    case 'works':
      return html`<circle class="works" cx="${middle}" cy="${centre}" r="4"/>`;
    default:
      return state satisfies never;
  }
}

/** How many, where it is more than one: a small figure in the corner. */
function amount(cell: ScopeCell, state: CellState, { x, y }: Where): Markup | undefined {
  const many = podsOf(cell, state);
  return many > 1 ? html`<text class="amount" x="${x + CELL}" y="${y + 9}" text-anchor="end">${many}</text>` : undefined;
}

function legendEntry(state: CellState, { at, top }: { readonly at: number; readonly top: number }): Markup {
  const where = { x: (at % 2) * LEGEND_COLUMN, y: top + Math.floor(at / 2) * (CELL + 2) };
  return html`<g class="legend">${mark(state, where)}<text x="${where.x + CELL + 4}" y="${where.y + CELL / 2 + 4}">${legendWords(state)}</text></g>
`;
}

function nodeName(node: string): string {
  return node === '' ? 'no node' : node;
}

function cellWords({ failing, failed, pulled, works }: ScopeCell): string {
  return [
    ...(failing > 0 ? [`${count(failing, 'pod')} could not pull when last seen`] : []),
    ...(failed > 0 ? [`${count(failed, 'pod')} could not pull when it was diagnosed`] : []),
    ...(pulled > 0 ? [`${count(pulled, 'pod')} pulled since`] : []),
    ...(works ? ['the same image runs there'] : []),
  ].join(', ');
}

/** Names are alike at their beginning and differ at their end. */
function cutMiddle(name: string, most: number): string {
  if (name.length <= most) return name;
  const half = Math.floor((most - 1) / 2);
  return `${name.slice(0, half)}…${name.slice(name.length - (most - 1 - half))}`;
}

/** Nodes of a row that are named in the description. */
const MAX_NAMED = 12;

/** The picture in sentences, a row each, and what it does not show. */
export function scopeWords(table: ScopeTable): readonly string[] {
  const { nodes, rows, nodesLeftOut, rowsLeftOut, hidden } = table;
  const left = [
    ...(rowsLeftOut > 0 ? [`And ${count(rowsLeftOut, 'more workload')} that ${rowsLeftOut === 1 ? 'is' : 'are'} not drawn.`] : []),
    ...(nodesLeftOut > 0 ? [`And ${count(nodesLeftOut, 'more node')} that ${nodesLeftOut === 1 ? 'is' : 'are'} not drawn.`] : []),
    ...(hidden > 0 ? [`And ${count(hidden, 'workload')} in namespaces that you may not ask about.`] : []),
  ];
  return [...rows.map((row) => rowSentence(row, nodes)), ...left];
}

function rowSentence({ kind, name, cells }: ScopeRow, nodes: readonly string[]): string {
  const parts = LEGEND.flatMap((state) => {
    const on = cells.flatMap((cell, at) =>
      stateOfCell(cell) === state ? [{ node: nodeName(nodes[at] ?? ''), pods: podsOf(cell, state) }] : [],
    );
    if (on.length === 0) return [];
    const where = list(
      on.map(({ node, pods }) => (pods > 1 ? `${node} (${pods} pods)` : node)),
      MAX_NAMED,
    );
    return [`${kind === 'image' ? 'runs' : legendWords(state)} on ${where}`];
  });
  return `${kind === 'image' ? 'The image ' : ''}${name}: ${parts.join('; ')}.`;
}

/** Of a row on a node where pods still fail, those that failed when it was diagnosed count with them. */
function podsOf(cell: ScopeCell | undefined, state: CellState): number {
  if (cell === undefined || state === 'works') return 1;
  return state === 'failing' ? cell.failing + cell.failed : cell[state];
}
