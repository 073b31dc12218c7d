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

it('says everywhere alike where the project lives', () => {
  const git = `${PROJECT.source}.git`;
  expect(manifest.repository.url).toBe(`git+${git}`);
  expect(chart).toMatchObject({ home: PROJECT.source, sources: [git] });
  expect(values.image.registry).toBe(PROJECT.registry);
});

it('has one version in the package and the chart', () => {
  expect(chart).toMatchObject({ version: manifest.version, appVersion: manifest.version });
});
