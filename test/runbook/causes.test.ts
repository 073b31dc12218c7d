import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SYMPTOMS } from '../../src/diagnosis/pull-error.ts';
import { PLACEHOLDERS } from '../../src/remediation/placeholders.ts';
import { catalogue } from '../support/rules.ts';

/** Symptoms that leave the cause open; every other one is a cause by itself. */
const AMBIGUOUS = ['unauthorized', 'forbidden', 'unknown'];
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
    const used = [...JSON.stringify(catalogue).matchAll(/\{([a-z][A-Za-z]*)\}/g)].map((match) => match[1]);
    expect(used.filter((name) => !PLACEHOLDERS.some((known) => known === name))).toEqual([]);
  });

  it.each([...ids, 'undetermined'])('%s has a page that says what it is, how to check and how to mend it', (id) => {
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
