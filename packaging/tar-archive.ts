/** What an archive holds at a path: a file, a folder or a link to another path. */
export type Entry =
  | { readonly path: string; readonly content: Buffer; readonly mode: number }
  | { readonly path: string; readonly folder: true; readonly mode: number }
  | { readonly path: string; readonly link: string };

const BLOCK = 512;
const LONGEST_NAME = 100;
const LONGEST_PREFIX = 155;

/** A tar archive in the ustar format, of root and of no time, so that equal entries are equal bytes. Paths have no slash at their start. */
export function tarArchive(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(2 * BLOCK)]);
}

function blocksOf(entry: Entry): readonly Buffer[] {
  if (!('content' in entry)) return [headerOf(entry, 0)];
  const { content } = entry;
  return [headerOf(entry, content.length), content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function headerOf(entry: Entry, bytes: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const [prefix, name] = splitName('folder' in entry ? `${entry.path}/` : entry.path);
  header.write(name, 0);
  header.write(octal('mode' in entry ? entry.mode : 0o777, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('        ', 148);
  header.write('link' in entry ? '2' : 'folder' in entry ? '5' : '0', 156);
  if ('link' in entry) header.write(entry.link, 157);
  header.write('ustar\u000000', 257);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

function octal(number: number, digits: number): string {
  return `${number.toString(8).padStart(digits, '0')}\0`;
}

/** A path of more than a hundred bytes is split at a slash. */
function splitName(path: string): readonly [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= LONGEST_NAME) return ['', path];
  const at = path.indexOf('/', path.length - LONGEST_NAME - 1);
  if (at < 0 || at > LONGEST_PREFIX) throw new Error(`${path} is too long for an archive`);
  return [path.slice(0, at), path.slice(at + 1)];
}
