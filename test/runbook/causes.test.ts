import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROVEN_NAMES } from '../../src/diagnosis/finding.ts';
import { SYMPTOMS } from '../../src/diagnosis/message/pull-error.ts';
import type { Reach } from '../../src/diagnosis/scope.ts';
import { PLACEHOLDERS } from '../../src/remediation/placeholders.ts';
import { catalogue } from '../support/rules.ts';

/** Symptoms that leave the cause open; every other one is a cause by itself. */
const AMBIGUOUS = ['unauthorized', 'forbidden', 'unknown'];
/** What may differ among failures that `scan` puts into one group, and what it is called then. */
const VARY: Readonly<Record<Reach, readonly string[]>> = {
  image: ['node'],
  none: ['node'],
  registry: ['node', 'image', 'imagePath', 'repository', 'repositoryPath', 'version'],
  node: ['image', 'imagePath', 'registry', 'host', 'repository', 'repositoryPath', 'namespace'],
  namespace: ['node', 'image', 'imagePath', 'repositoryPath', 'serviceAccount'],
};
const MANY: Readonly<Record<string, string>> = {
  node: '2 nodes',
  image: '2 images',
  imagePath: '2 images',
  registry: '2 registries',
  host: '2 registries',
  repository: '2 repositories',
  repositoryPath: '2 repositories',
  namespace: '2 namespaces',
  serviceAccount: '2 service accounts',
};
const guides = [...catalogue.causes, catalogue.undetermined];
const ids = catalogue.causes.map((cause) => cause.id);

describe('causes.yaml', () => {
  it('names every cause once', () => {
    expect(ids).toEqual([...new Set(ids)]);
  });

  it('has a cause for every symptom that is one by itself', () => {
    expect(SYMPTOMS.filter((symptom) => !AMBIGUOUS.includes(symptom) && !ids.includes(symptom))).toEqual([]);
  });

  it('refers only to checks that it describes', () => {
    expect(catalogue.causes.flatMap((cause) => cause.checks).filter((check) => !(check in catalogue.checks))).toEqual([]);
  });

  it('uses only placeholders that can be filled', () => {
    const unknown = (value: unknown, known: readonly string[]) =>
      [...JSON.stringify(value).matchAll(/\{([a-z][A-Za-z]*)\}/g)].flatMap(([, name = '']) => (known.includes(name) ? [] : [name]));
    const withoutTitles = JSON.stringify(catalogue, (key, value) => (key === 'titles' ? undefined : value));
    expect(unknown(withoutTitles, PLACEHOLDERS)).toEqual([]);
    expect(
      unknown(
        guides.map(({ titles }) => titles),
        [...PLACEHOLDERS, ...PROVEN_NAMES],
      ),
    ).toEqual([]);
  });

  it('says nothing of "the pod" in a title that a scan may put over several pods', () => {
    const beyondScan = /^(?:registry|secret|endpoint|node|kubelet|pods)\//;
    const said = guides.flatMap(({ title, titles }) => [
      title,
      ...titles.flatMap((row) => (row.when.flat().some((code) => beyondScan.test(code)) ? [] : [row.title])),
    ]);
    // Only a service account that was read tells when it got its secret.
    expect(said.filter((title) => /\b(?:the|this) pod\b/i.test(title) && !title.includes('{serviceAccount}'))).toEqual([]);
  });

  it('agrees in number where a title is about several nodes, images or registries', () => {
    const many = ['2 nodes', '2 images', '2 registries', '2 repositories', '2 namespaces', '2 service accounts'];
    const disagreement = new RegExp(
      `(?<!(?:of|on|by|for|between it and) )(?:${many.join('|')}) (?:is|has|was|does|[a-z]{2,20}(?<!s)s)\\b(?! of\\b)`,
    );
    const failures: string[] = [];
    for (const { reach, title, titles } of catalogue.causes) {
      for (const template of [title, ...titles.map((row) => row.title)]) {
        const text = template.replace(/\{([a-zA-Z]+)\}/g, (_, name: string) => (VARY[reach].includes(name) ? (MANY[name] ?? name) : 'it'));
        if (disagreement.test(text)) failures.push(text);
      }
    }
    expect(failures).toEqual([]);
    expect('2 nodes does not trust it').toMatch(disagreement);
  });

  it.each([...ids, 'undetermined'])('%s has a page that says what it is, how to check and how to fix it', (id) => {
    const page = readFileSync(`docs/causes/${id}.md`, 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${id}`);
    for (const heading of ['What you see', 'Why it happens', 'How imagepull recognises it', 'Check it yourself', 'Fix', 'Prevent it'])
      expect(page).toContain(`## ${heading}`);
    const links = [...page.matchAll(/\]\(([a-z-]+\.md)\)/g)].map((match) => match[1]);
    expect(links.filter((link) => !existsSync(`docs/causes/${link}`))).toEqual([]);
  });

  it('is listed in the index of pages, every cause once', () => {
    const listed = [...readFileSync('docs/causes/README.md', 'utf8').matchAll(/^- \[([a-z-]+)\]\(\1\.md\): \S/gm)].map((match) => match[1]);
    expect([...listed].sort()).toEqual([...ids, 'undetermined'].sort());
  });

  it('has no page for a cause that does not exist', () => {
    expect(
      readdirSync('docs/causes')
        .map((file) => file.replace(/\.md$/, ''))
        .filter((page) => ![...ids, 'undetermined', 'README'].includes(page)),
    ).toEqual([]);
  });
});
