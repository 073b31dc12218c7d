import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXECUTOR, type Need, READER, rightWords, type Where } from '../../src/doctor/rights.ts';
import { type RenderedObject, readObjects, rights } from '../helm/rendered.ts';

const blocks = [...readFileSync('docs/security.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
const documented = blocks.flatMap(readObjects);
const nodeTask = readObjects(readFileSync('helm/node-task/role.yaml', 'utf8'));

/** Everything that is needed there. */
const needed = (needs: readonly Need[], ...where: readonly Where[]): readonly string[] =>
  [...new Set(needs.filter((need) => where.includes(need.where)).flatMap((need) => need.rights.map(rightWords)))].sort();

const given = (objects: readonly RenderedObject[], name: string): readonly string[] =>
  rights(objects.find(({ kind, metadata }) => kind.endsWith('Role') && metadata.name === name)?.rules ?? []);

describe('the roles that people are shown', () => {
  it.each([
    ['imagepull-reader', documented, needed(READER, 'namespaces', 'cluster')],
    ['imagepull-lease', documented, needed(READER, 'own')],
    ['imagepull-executor', documented, needed(EXECUTOR, 'namespaces', 'cluster', 'default')],
    ['imagepull-freeze', documented, needed(EXECUTOR, 'own')],
    ['imagepull-node-task', nodeTask, needed(EXECUTOR, 'node-tasks')],
  ] as const)('give as %s what src/doctor/rights.ts says that the bot needs, no more and no less', (name, objects, needs) => {
    expect(given(objects, name)).toEqual(needs);
  });

  it('never give the proxy of nodes', () => {
    expect(documented.flatMap(({ rules = [] }) => rights(rules)).filter((right) => right.includes('proxy'))).toEqual([]);
  });
});
