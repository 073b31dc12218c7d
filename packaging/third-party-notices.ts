import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'rolldown';
import { z } from 'zod';

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  author: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).optional(),
});

/** What a package says of itself, with the texts of its licence. */
interface Notice {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly texts: readonly string[];
}

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-].{1,40})?$/i;

/**
 * Writes THIRD-PARTY-NOTICES.txt: name, version and licence of every package of which code went into the distribution.
 * The build fails if one says nothing of its licence, or if a package was left outside, which nobody would install.
 */
export const thirdPartyNotices: Plugin = {
  name: 'third-party-notices',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const outside = chunks
      .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
      .filter((id) => !(id in bundle) && !isBuiltin(id));
    if (outside.length > 0) throw new Error(`not bundled, and not installed with the package: ${[...new Set(outside)].join(', ')}`);
    const roots = new Set(chunks.flatMap(({ moduleIds }) => moduleIds).flatMap((id) => packageRoot(id) ?? []));
    this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES.txt', source: noticesText([...roots].map(noticeOf)) });
  },
};

function isBuiltin(id: string): boolean {
  return id.startsWith('node:') || process.getBuiltinModule(id) !== undefined;
}

/** The folder of the package that a module belongs to; undefined for our own. */
function packageRoot(id: string): string | undefined {
  if (!id.includes('/node_modules/')) return undefined;
  for (let folder = dirname(id); folder.includes('/node_modules/'); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file) && Manifest.safeParse(JSON.parse(readFileSync(file, 'utf8'))).success) return folder;
  }
  throw new Error(`${id} belongs to no package`);
}

function noticeOf(root: string): Notice {
  const { name, version, license, author } = Manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const texts = readdirSync(root)
    .filter((file) => LICENCE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(join(root, file), 'utf8').trim());
  if (license === undefined && texts.length === 0) throw new Error(`${name} says nothing of its licence`);
  const stated = author === undefined ? [] : [`Copyright ${author}`];
  return { name, version, license: license ?? 'see below', texts: texts.length > 0 ? texts : stated };
}

function noticesText(notices: readonly Notice[]): string {
  const sorted = [...notices].sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
  const sections = sorted.map(({ name, version, license, texts }) => [`${name} ${version}, ${license}`, ...texts].join('\n\n'));
  return `${['imagepull contains code of these packages.', ...sections].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
