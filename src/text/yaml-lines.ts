import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';

/** A YAML document, and where in it something stands. */
export interface YamlLines {
  readonly document: Document.Parsed<ParsedNode>;
  /** The line of a setting, from 1; of the nearest one around it where it is missing. */
  readonly lineAt: (path: readonly PropertyKey[]) => number;
  /** The line of a place in the text, from 1. */
  readonly lineOf: (offset: number) => number;
}

/** Reads YAML and keeps the lines. What is wrong with it is in the document's `errors` and `warnings`; never throws. */
export function yamlLines(text: string): YamlLines {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, logLevel: 'silent' });
  const lineOf = (offset: number) => Math.max(1, counter.linePos(offset).line);
  const lineAt = (path: readonly PropertyKey[]) => lineOf(offsetOf(document.contents, path));
  return { document, lineAt, lineOf };
}

function offsetOf(root: Node | null, path: readonly PropertyKey[]): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (!pair || !isScalar(pair.key)) return offset;
      // The name of a setting stands before its value, which may begin on the next line.
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}
