import { parseImageReference, repositoryName } from './image-reference.ts';

/**
 * What a log may call an image: as the pod writes it, as the runtime does with every default filled in, by its digest, and by the path at
 * which a registry has its manifest. A line about another tag of the repository holds none of them.
 */
export function logNames(image: string): readonly string[] {
  const parsed = parseImageReference(image);
  if (parsed.status === 'invalid') return [image];
  const { reference } = parsed;
  const { tag, digest, repository } = reference;
  const name = repositoryName(reference);
  const version = digest ?? tag ?? '';
  const full = digest === undefined ? `${name}:${version}` : `${name}@${version}`;
  return [...new Set([image, full, `/v2/${repository}/manifests/${version}`, ...(digest === undefined ? [] : [digest])])];
}

/** Where a line mentions an image by one of its names, or -1. */
export function mentionOf(line: string, names: readonly string[]): number {
  const found = names.map((name) => wholeName(line, name)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** A name is part of a longer one where what stands beside it could belong to a host, a path or a tag. */
function wholeName(line: string, name: string): number {
  if (name === '') return -1;
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
    const before = name.startsWith('/') ? '' : line.slice(Math.max(0, at - 1), at);
    const after = line.slice(at + name.length, at + name.length + 2);
    if (!/[A-Za-z0-9_./-]/.test(before) && !/^(?:[A-Za-z0-9_/@-]|[.:][A-Za-z0-9_])/.test(atDigest(name, after))) return at;
  }
  return -1;
}

/** A digest behind a tag says which image had that tag; behind a bare name it says which image is meant. */
function atDigest(name: string, after: string): string {
  const hasTag = /:[^/]{1,128}$/.test(name);
  return hasTag && after.startsWith('@') ? '' : after;
}

/** The newest line of each kind, in their order. */
export function newestOfEachKind(lines: readonly string[]): readonly string[] {
  const newest = new Map<string, string>();
  for (const line of lines) {
    const kind = kindOfLine(line);
    newest.delete(kind);
    newest.set(kind, line);
  }
  return [...newest.values()];
}

/** What lines have in common that differ in times, numbers and ids only. */
export function kindOfLine(line: string): string {
  return line.slice(0, 500).replace(/[0-9a-f]{8,}|[0-9]+/g, '#');
}
