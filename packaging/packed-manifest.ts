/**
 * `npm pack` packs the package.json that it finds. Everything imagepull depends on is bundled into dist, so the packed one
 * names no dependencies: who installs the package gets one package. `lean` puts that one in place before packing, and
 * keeps the full one beside it; `restore` puts the full one back.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const MANIFEST = 'package.json';
const FULL = 'package.json.full';
/** What only the repository needs. */
const LEFT_OUT: ReadonlySet<string> = new Set(['private', 'scripts', 'dependencies', 'devDependencies', 'allowScripts', 'overrides']);

function restore(): void {
  if (existsSync(FULL)) renameSync(FULL, MANIFEST);
}

function lean(): void {
  // A packing that was cut off left its own.
  restore();
  const text = readFileSync(MANIFEST, 'utf8');
  const manifest: Record<string, unknown> = JSON.parse(text);
  const kept = Object.fromEntries(Object.entries(manifest).filter(([key]) => !LEFT_OUT.has(key)));
  writeFileSync(FULL, text);
  writeFileSync(`${MANIFEST}.new`, `${JSON.stringify(kept, undefined, 2)}\n`);
  renameSync(`${MANIFEST}.new`, MANIFEST);
}

const [, , what] = process.argv;
if (what === 'lean') lean();
else if (what === 'restore') restore();
else throw new Error('say lean or restore');
