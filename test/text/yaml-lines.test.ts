import { expect, it } from 'vitest';
import { yamlLines } from '../../src/text/yaml-lines.ts';

const TEXT = `# first
clusters:
  - name: a
    executor:
      context: x
  - &shared
    name: b
more: *shared
5: number
`;

it.each([
  [[], 2],
  [['clusters'], 2],
  [['clusters', 0, 'name'], 3],
  [['clusters', 0, 'executor'], 4],
  [['clusters', 0, 'executor', 'context'], 5],
  [['clusters', 0, 'executor', 'missing'], 4],
  [['clusters', 1, 'name'], 7],
  [['clusters', 7], 2],
  [['more', 'name'], 8],
  [['5'], 9],
  [['missing'], 2],
])('finds %j on line %i', (path, line) => {
  expect(yamlLines(TEXT).lineAt(path)).toBe(line);
});

it('answers with a line for nothing, and for what is no YAML', () => {
  expect(yamlLines('').lineAt(['a'])).toBe(1);
  expect(yamlLines('a: [').lineAt(['a', 0])).toBe(1);
});
