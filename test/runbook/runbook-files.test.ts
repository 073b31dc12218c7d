import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import { matchesPattern, withNeeds } from '../../src/runbook/runbook.ts';
import { PullErrorRules, readRunbook, readRunbookFile } from '../../src/runbook/runbook-files.ts';

const KNOWN = new Set(['read-pull-events', 'list-pull-failures']);

function problems(yaml: string): string {
  try {
    readRunbook('image-pull.yaml', yaml, KNOWN);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'runbook/invalid') return error.message;
    throw error;
  }
  return 'none';
}

const good = `name: image-pull
version: 1
steps:
  - id: first
    title: First
    uses: read-pull-events
    timeout: 15s
    attempts: 2
  - id: second
    title: Second
    uses: list-pull-failures
    needs: [first]
    when: [pull-error/unauthorized]
    timeout: 500ms
    attempts: 1
`;

describe('a runbook file', () => {
  it('is read with its times in milliseconds', () => {
    expect(readRunbook('image-pull.yaml', good, KNOWN).steps).toMatchObject([
      { timeoutMs: 15_000, needs: [] },
      { timeoutMs: 500, needs: ['first'], when: ['pull-error/unauthorized'] },
    ]);
  });

  it('may wait for any finding of an area', () => {
    const [, second] = readRunbook('image-pull.yaml', good.replace('[pull-error/unauthorized]', '[pull-error/*]'), KNOWN).steps;
    expect(second?.when?.map((pattern) => matchesPattern('pull-error/dns-failure', pattern))).toEqual([true]);
    expect(matchesPattern('pod/no-pull-secret', 'pull-error/*')).toBe(false);
  });

  it('knows what a step needs, through others as well', () => {
    const third = good + good.slice(good.indexOf('  - id: second')).replace('second', 'third').replace('[first]', '[second]');
    expect([...withNeeds(readRunbook('image-pull.yaml', third, KNOWN), 'third')]).toEqual(['third', 'second', 'first']);
  });

  it.each([
    [
      'a field that is not known',
      good.replace('attempts: 2', 'attempts: 2\n    retry: 3'),
      'image-pull.yaml, line 4, steps.0: Unrecognized key: "retry"',
    ],
    ['a time without a unit', good.replace('15s', '15'), 'line 7, steps.0.timeout'],
    ['a finding that does not exist', good.replace('pull-error/unauthorized', 'pull-error/oops'), 'line 13, steps.1.when.0'],
    [
      'a step that does not exist',
      good.replace('uses: list-pull-failures', 'uses: read-minds'),
      'line 11, steps.1.uses: there is no step "read-minds"; known: read-pull-events, list-pull-failures',
    ],
    [
      'a need that does not exist',
      good.replace('[first]', '[zeroth]'),
      'line 12, steps.1.needs: it needs "zeroth", which is no step of this runbook',
    ],
    [
      'needs in a circle',
      good.replace('uses: read-pull-events', 'uses: read-pull-events\n    needs: [second]'),
      '"first" waits for itself',
    ],
    ['the same id twice', good.replace('id: second', 'id: first').replace('needs: [first]', 'needs: []'), 'the id "first" is used twice'],
    ['YAML that cannot be read', good.replace('steps:', 'steps: ['), 'image-pull.yaml, line'],
    ['an alias that would grow without end', `a: &a [1]\nb: [*a, *a]\n${good}`, 'image-pull.yaml'],
  ])('is refused for %s, naming file, line and field', (_, yaml, message) => {
    expect(problems(yaml)).toContain(message);
  });
});

describe('a pattern', () => {
  const file = (pattern: string) =>
    `summaries: {}\nruntimes: []\noperations: []\nrules:\n  - id: a\n    symptom: unknown\n    runtime: any\n    pattern: '${pattern}'\n    samples: [x]\n`;
  const read = (pattern: string) => () => readRunbookFile('pull-errors.yaml', file(pattern), PullErrorRules);

  it.each(['a.*b', 'a+', 'a{2,}', '[a-z]*'])('is refused when a repetition has no bound: %s', (pattern) => {
    expect(read(pattern)).toThrow('must bound every repetition');
  });
  it('is refused in capitals and when it does not compile', () => {
    expect(read('Denied')).toThrow('must be lower-case');
    expect(read('(denied')).toThrow('is not a regular expression');
  });
});
