/**
 * Where in a JSON body something is: a subset of JSONPath (RFC 9535) without filters, slices and descendants, so that a path looks at
 * no node twice. `$` is the body and `@` the alert that is being read; `.name`, `['any name']`, `[0]`, `[-1]`, `[*]` and `.*` go
 * down. See docs/decisions/0019.
 */
type Selector = { readonly by: 'name'; readonly name: string } | { readonly by: 'index'; readonly index: number } | { readonly by: 'all' };

export interface JsonPath {
  readonly from: 'body' | 'alert';
  readonly selectors: readonly Selector[];
}

const LONGEST = 300;
const MAX_SELECTORS = 20;

const SELECTOR =
  /\.([A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_\u0080-\u{10ffff}]*)|(\.\*|\[\*\])|\[(0|-?[1-9][0-9]{0,6})\]|\['((?:[^'\\]|\\['\\])*)'\]|\["((?:[^"\\]|\\["\\])*)"\]/uy;

/** Reads a path, or says what is wrong with it. */
export function parseJsonPath(text: string): JsonPath | { readonly wrong: string } {
  if (text.length > LONGEST) return { wrong: `is longer than ${LONGEST} characters` };
  const root = text[0];
  if (root !== '$' && root !== '@') return { wrong: 'does not begin with $ (the body) or @ (the alert)' };
  const selectors: Selector[] = [];
  for (let at = 1; at < text.length; ) {
    SELECTOR.lastIndex = at;
    const match = SELECTOR.exec(text);
    if (!match) return { wrong: `is not a path from "${text.slice(at, at + 20)}" on: write .name, ['any name'], [0] or [*]` };
    selectors.push(selectorOf(match));
    at = SELECTOR.lastIndex;
  }
  if (selectors.length > MAX_SELECTORS) return { wrong: `goes more than ${MAX_SELECTORS} levels down` };
  return { from: root === '$' ? 'body' : 'alert', selectors };
}

function selectorOf([, name, all, index, single, double]: RegExpExecArray): Selector {
  if (all !== undefined) return { by: 'all' };
  if (index !== undefined) return { by: 'index', index: Number(index) };
  return { by: 'name', name: name ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1') };
}

/** What a path leads to, in the order of the body; nothing where there is nothing. Reads own fields only; never throws; linear in the body. */
export function valuesAt(path: JsonPath, given: { readonly body: unknown; readonly alert: unknown }): readonly unknown[] {
  let nodes: readonly unknown[] = [path.from === 'body' ? given.body : given.alert];
  for (const selector of path.selectors) nodes = nodes.flatMap((node) => childrenOf(node, selector));
  return nodes;
}

function childrenOf(node: unknown, selector: Selector): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  switch (selector.by) {
    case 'all':
      return Object.values(node);
    case 'index': {
      const at = Array.isArray(node) ? (node as readonly unknown[]).at(selector.index) : undefined;
      return at === undefined ? [] : [at];
    }
    case 'name':
      return Array.isArray(node) || !Object.hasOwn(node, selector.name) ? [] : [Reflect.get(node, selector.name)];
  }
}
