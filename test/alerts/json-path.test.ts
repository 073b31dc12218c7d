import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonPath, valuesAt } from '../../src/alerts/senders/json-path.ts';

const BODY = {
  event: { data: { title: 'web', 'a.b': 1, "it's": 2, 'say "x"': 3, empty: null } },
  alerts: [{ id: 'a' }, { id: 'b' }, {}],
};

function at(text: string, alert: unknown = BODY.alerts[1]): readonly unknown[] {
  const path = parseJsonPath(text);
  if ('wrong' in path) throw new Error(path.wrong);
  return valuesAt(path, { body: BODY, alert });
}

describe('a path', () => {
  it.each([
    ['$', [BODY]],
    ['@', [BODY.alerts[1]]],
    ['@.id', ['b']],
    ['$.event.data.title', ['web']],
    ["$['event']['data'].title", ['web']],
    ["$.event.data['a.b']", [1]],
    ["$.event.data['it\\'s']", [2]],
    ['$.event.data["it\'s"]', [2]],
    ['$.event.data["say \\"x\\""]', [3]],
    ['$.event.data.empty', [null]],
    ['$.alerts[0].id', ['a']],
    ['$.alerts[-2].id', ['b']],
    ['$.alerts[*].id', ['a', 'b']],
    ['$.event.*.title', ['web']],
    ['$.alerts[9].id', []],
    ['$.alerts.length', []],
    ['$.nothing.at.all', []],
    ['$.event.data.title[0]', []],
    ['$.event.constructor', []],
    ['$.event.__proto__', []],
  ])('%s leads to %j', (text, expected) => {
    expect(at(text)).toEqual(expected);
  });

  it.each([
    ['', 'does not begin'],
    ['event.data', 'does not begin'],
    ['$event', 'from "event" on'],
    ['$..title', 'from "..title" on'],
    ['$.alerts[?@.id]', 'from "[?@.id]" on'],
    ['$.alerts[0:2]', 'from "[0:2]" on'],
    ['$.alerts[01]', 'from "[01]" on'],
    ["$['open", 'from "[\'open" on'],
    ['$.a-b', 'from "-b" on'],
    [`$${'.a'.repeat(21)}`, 'more than 20 levels'],
    [`$.${'a'.repeat(300)}`, 'longer than 300'],
  ])('%j is refused', (text, why) => {
    expect(parseJsonPath(text)).toEqual({ wrong: expect.stringContaining(why) });
  });

  it('of any text is read or refused, and of any body leads somewhere or nowhere', () => {
    const piece = fc.constantFrom('$', '@', '.a', '[0]', '[*]', '.*', "['a']", '["b"]', '[-1]', '.', '[', "'", '\\');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.jsonValue(), (pieces, body) => {
        const path = parseJsonPath(pieces.join(''));
        if (!('wrong' in path)) expect(Array.isArray(valuesAt(path, { body, alert: body }))).toBe(true);
      }),
    );
  });
});
