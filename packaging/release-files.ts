/**
 * `node packaging/release-files.ts FOLDER`: the files of a release, in a new folder: the package, the same as krew takes it with its manifest, the bill
 * of materials, and the SHA-256 of each.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { krewArchive, krewManifest, Package } from './krew-manifest.ts';
import { sbomOf } from './sbom.ts';

/** Writes them. Throws where the folder is there already, or npm does not pack. */
export function writeReleaseFiles(to: string): void {
  const described = Package.parse(JSON.parse(readFileSync('package.json', 'utf8')));
  const archive = join(to, krewArchive(described.version));
  mkdirSync(to);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', to], { stdio: 'ignore' });
  copyFileSync(join(to, `imagepull-${described.version}.tgz`), archive);
  writeFileSync(join(to, 'imagepull.yaml'), stringify(krewManifest(described, sha256(archive)), { lineWidth: 0 }));
  writeFileSync(join(to, `imagepull-${described.version}.cdx.json`), `${JSON.stringify(sbomOf('.'), undefined, 2)}\n`);
  const sums = readdirSync(to)
    .sort()
    .map((name) => `${sha256(join(to, name))}  ${name}\n`);
  writeFileSync(join(to, 'SHA256SUMS'), sums.join(''));
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , to] = process.argv;
  if (to === undefined) throw new Error('say where the files go: node packaging/release-files.ts FOLDER');
  writeReleaseFiles(to);
}
