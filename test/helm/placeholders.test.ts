import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../../packaging/project.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly version: string;
  readonly repository: { readonly url: string };
};
const chart = parse(readFileSync('helm/Chart.yaml', 'utf8')) as Readonly<Record<string, unknown>>;
const values = parse(readFileSync('helm/values.yaml', 'utf8')) as { readonly image: { readonly registry: string } };
const compose = parse(readFileSync('docker-compose.yml', 'utf8')) as {
  readonly services: { readonly imagepull: { readonly image: string } };
};

it('says everywhere alike where the project lives', () => {
  const git = `${PROJECT.source}.git`;
  expect(manifest.repository.url).toBe(`git+${git}`);
  expect(chart).toMatchObject({ home: PROJECT.source, sources: [git] });
  expect(values.image.registry).toBe(PROJECT.registry);
  expect(compose.services.imagepull.image).toBe(`${PROJECT.registry}/imagepull:${manifest.version}`);
});

it('has one version in the package and the chart', () => {
  expect(chart).toMatchObject({ version: manifest.version, appVersion: manifest.version });
});

it('names in no text another owner, source, registry, domain or address', () => {
  const here = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'SUPPORT.md',
    'Dockerfile',
    'docker-compose.yml',
    'package.json',
  ];
  const below = ['.github', 'docs', 'helm', 'packaging', 'src'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(?:md|ya?ml|json|ts|tpl|txt)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const odd = [...here, ...below]
    .filter((file) => file !== join('packaging', 'project.ts'))
    .flatMap((file) => strangeIn(readFileSync(file, 'utf8')).map((found) => `${file}: ${found}`));
  expect(odd).toEqual([]);
  expect(
    strangeIn('https://git.corp.example/tools/imagepull.git registry.corp.example/tools/imagepull:0.1.0 imagepull.io/watch'),
  ).toHaveLength(3);
});

/** What is said to be the project's and is not what packaging/project.ts says. */
function strangeIn(text: string): readonly string[] {
  const { source, registry, domain, security } = PROJECT;
  const wanted: readonly (readonly [RegExp, (found: string) => boolean])[] = [
    [/https:\/\/[a-z0-9.-]{1,80}\/[a-z0-9-]{1,40}\/imagepull\b/g, (found) => found === source],
    [
      /(?<![a-z0-9./-])[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){1,4}\/[a-z0-9-]{1,40}\/(?:charts\/)?imagepull(?=[:@ "']|$)/gm,
      (found) => found.startsWith(`${registry}/`),
    ],
    [/\bimagepull\.(?!yaml|md|json|ts|example|cjs|bash|zsh|fish|fullname|name)[a-z]{2,10}(?=\/)/g, (found) => found === domain],
    [/\bsecurity@[a-z0-9.-]{1,80}\b/g, (found) => found === security],
  ];
  return wanted.flatMap(([pattern, fits]) => [...text.matchAll(pattern)].map(([found]) => found).filter((found) => !fits(found)));
}

it('publishes to the registry that the project has', () => {
  const release = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as { readonly env: { readonly REGISTRY: string } };
  expect(release.env.REGISTRY).toBe(PROJECT.registry);
  expect(PROJECT.source.endsWith(`/${PROJECT.owner}/imagepull`) && PROJECT.registry.endsWith(`/${PROJECT.owner}`)).toBe(true);
});
