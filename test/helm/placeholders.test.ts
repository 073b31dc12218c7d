import { readFileSync } from 'node:fs';
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
