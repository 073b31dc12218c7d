import { execFileSync } from 'node:child_process';
import { z } from 'zod';

const Component = z.looseObject({
  'bom-ref': z.string(),
  name: z.string(),
  version: z.string(),
  purl: z.string(),
  properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});
const Sbom = z.looseObject({
  metadata: z.looseObject({ component: Component }),
  components: z.array(Component).min(1),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});
type Sbom = z.infer<typeof Sbom>;

/** Not --omit=dev: npm 11 then leaves out what both production and development need. */
const ARGUMENTS = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];

/**
 * The software bill of materials of a folder with package.json and lockfile, CycloneDX: every package that is installed for production, with version,
 * licence and hash. npm makes it of the lockfile alone, so it needs no network.
 */
export function sbomOf(folder: string): Sbom {
  const whole = Sbom.parse(JSON.parse(execFileSync('npm', ARGUMENTS, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })));
  const components = whole.components.filter(({ properties }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'));
  // npm calls it by the name of the folder.
  const { properties: _, ...root } = whole.metadata.component;
  const name = /^pkg:npm\/(.{1,200})@/.exec(root.purl)?.[1] ?? root.name;
  const kept = new Set([root['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = whole.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map((dependency) => ({ ...dependency, dependsOn: dependency.dependsOn.filter((ref) => kept.has(ref)) }));
  return { ...whole, metadata: { ...whole.metadata, component: { ...root, properties: [], name } }, components, dependencies };
}
