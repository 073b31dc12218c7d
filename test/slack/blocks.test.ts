import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockProblems, tooLong, viewProblems } from '../../src/demo/slack/block-limits.ts';
import type { Inline, Message, Piece } from '../../src/incident/message.ts';
import { slackMessage } from '../../src/slack/blocks.ts';
import { escaped, escapedWithin, markup } from '../../src/slack/text.ts';
import { podOfOption, podOptions } from '../../src/slack/views/pick.ts';
import { rawView } from '../../src/slack/views/raw.ts';

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom('<!channel>', '@here', '<@U0SRE>', '```', '`', '*bold*', '&amp;', '\u202eright to left', '\ud83d', '😀'.repeat(200), ''),
  fc.integer({ min: 1, max: 100_000 }).map((length) => 'x"\\\n<&😀'.repeat(Math.ceil(length / 8))),
);
const inlines: fc.Arbitrary<readonly Inline[]> = fc.array(
  fc.oneof(
    nasty,
    fc.record({ kind: fc.constantFrom('strong' as const, 'code' as const), text: nasty }),
    fc.record({ kind: fc.constant('time' as const), at: fc.oneof(fc.constant('2026-03-01T10:10:00Z'), nasty) }),
  ),
  { maxLength: 4 },
);
const mark = fc.constantFrom('waiting' as const, 'running' as const, 'done' as const, 'skipped' as const, 'failed' as const);
const aButton = fc.record({
  action: fc.constantFrom('rerun' as const, 'diagnose' as const),
  label: nasty,
  about: fc.record({
    kind: fc.constantFrom('incident' as const, 'pod' as const, 'plan' as const),
    id: fc.string({ minLength: 1, maxLength: 300 }),
  }),
  style: fc.constantFrom('primary' as const, 'danger' as const),
  confirm: fc.record({ title: nasty, text: nasty, yes: nasty, no: nasty }),
});
const piece: fc.Arbitrary<Piece> = fc.oneof(
  fc.record({ kind: fc.constant('headline' as const), mark: fc.constantFrom('running' as const, 'wrong' as const), text: nasty }),
  fc.record({ kind: fc.constantFrom('text' as const, 'note' as const), text: inlines }),
  fc.record({
    kind: fc.constant('steps' as const),
    steps: fc.array(fc.record({ mark, title: nasty, note: nasty }), { maxLength: 40 }),
    summary: nasty,
  }),
  fc.record({ kind: fc.constant('choice' as const), text: inlines, button: aButton }),
  fc.record({
    kind: fc.constant('buttons' as const),
    buttons: fc.array(aButton, { maxLength: 8 }),
    menu: fc.array(fc.oneof(aButton, fc.record({ label: nasty, url: fc.constant('https://docs.example/causes/tag-not-found.md') })), {
      maxLength: 8,
    }),
  }),
  fc.record({ kind: fc.constant('quote' as const), from: inlines, text: nasty }),
  fc.record({ kind: fc.constant('commands' as const), title: nasty, commands: fc.array(nasty, { maxLength: 5 }) }),
);
const message = (pieces: readonly Piece[], text = 'fallback'): Message => ({ key: 'card', inThread: false, text, pieces });

describe('a message in Slack', () => {
  it('is within every limit, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), nasty, (pieces, text) => {
        const sent = slackMessage(message(pieces, text));
        expect(blockProblems(sent.blocks, 'message')).toEqual([]);
        expect(tooLong(sent.blocks)).toBe(false);
        expect(sent.text.length).toBeGreaterThan(0);
        expect(sent.text.length).toBeLessThanOrEqual(4000);
      }),
      { numRuns: 300 },
    );
  });

  it('pings nobody and formats nothing that somebody else wrote', () => {
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const text = escaped(`${one}<!channel> <@U0SRE> *_~${other}`);
        expect(text).not.toMatch(/<|>|`/);
        expect(markup([one, { kind: 'strong', text: other }, { kind: 'code', text: one }])).not.toMatch(/<[^!]|<!(?!date\^)/);
      }),
    );
  });

  it('keeps names as they are, to be copied', () => {
    expect(escaped('registry.example/my_team/my_app:v1_2')).toBe('registry.example/my_team/my_app:v1_2');
  });

  it('never ends in half an entity or half a character', () => {
    expect(escapedWithin('a<<<<', 8)).toBe('a&lt;…');
    expect(escapedWithin('a😀😀', 4)).toBe('a😀…');
  });

  it('keeps headline, text and buttons when it is too long, and says what is left out', () => {
    const long = 'x'.repeat(100_000);
    const { blocks } = slackMessage(
      message([
        { kind: 'headline', mark: 'wrong', text: 'What is wrong' },
        ...Array.from({ length: 6 }, (): Piece => ({ kind: 'quote', from: ['the kubelet'], text: long })),
        { kind: 'text', text: ['since ', { kind: 'time', at: '2026-03-01T10:10:00Z' }] },
        { kind: 'buttons', buttons: [], menu: [{ action: 'rerun', label: 'Run again', about: { kind: 'incident', id: 'i' } }] },
      ]),
    );
    const text = JSON.stringify(blocks);
    expect(text).toContain('What is wrong');
    expect(text).toContain('<!date^1772359800^{date_short_pretty} {time_secs}|2026-03-01 10:10 UTC>');
    expect(text).toContain('rerun incident i');
    expect(text).toMatch(/… \d+ more characters/);
    expect(text).toMatch(/more parts do not fit/);
  });
});

describe('windows in Slack', () => {
  it('hold what is verbatim within their limits', () => {
    fc.assert(
      fc.property(nasty, nasty, (title, text) => {
        expect(viewProblems(rawView(title, `${text}.`))).toEqual([]);
      }),
    );
  });

  it('offer at most a hundred pods, none with a name Slack would refuse', () => {
    const pods = Array.from({ length: 150 }, (_, n) => ({
      namespace: 'shop',
      pod: n === 0 ? 'p'.repeat(200) : `web-${n}`,
      says: 'x'.repeat(200),
    }));
    const options = podOptions(pods);
    expect(options).toHaveLength(100);
    for (const option of options)
      for (const text of [option.value, option.text.text, option.description?.text ?? '']) expect(text.length).toBeLessThanOrEqual(75);
    expect(options[0]?.text.text).toMatch(/^…p+$/);
    expect(podOfOption(options[0]?.value ?? '')).toBeUndefined();
    expect(podOfOption(options[1]?.value ?? '')).toEqual({ namespace: 'shop', pod: 'web-1' });
  });

  it('gives the reason where there is no pod to choose', () => {
    expect(podOptions([])).toMatchObject([{ text: { text: 'No such pod fails to pull an image' } }]);
  });
});

describe('the limits of the stand-in', () => {
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const button = (given: object) => ({
    type: 'actions',
    elements: [{ type: 'button', text: { type: 'plain_text', text: 'x' }, ...given }],
  });
  it.each([
    ['a section of 3,000 characters', section('x'.repeat(3000)), section('x'.repeat(3001))],
    ['a section with text', section('x'), section('')],
    [
      'a header of 150 characters',
      { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(150) } },
      { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } },
    ],
    [
      'a header of plain text',
      { type: 'header', text: { type: 'plain_text', text: 'x' } },
      { type: 'header', text: { type: 'mrkdwn', text: 'x' } },
    ],
    ['a value of 2,000 characters', button({ value: 'x'.repeat(2000) }), button({ value: 'x'.repeat(2001) })],
    ['an action_id of 255 characters', button({ action_id: 'x'.repeat(255) }), button({ action_id: 'x'.repeat(256) })],
    ['known fields', button({}), button({ colour: 'red' })],
    ['known types', { type: 'divider' }, { type: 'separator' }],
    [
      'ten elements of context',
      { type: 'context', elements: Array(10).fill({ type: 'mrkdwn', text: 'x' }) },
      { type: 'context', elements: Array(11).fill({ type: 'mrkdwn', text: 'x' }) },
    ],
    [
      'ten fields',
      { type: 'section', fields: Array(10).fill({ type: 'mrkdwn', text: 'x' }) },
      { type: 'section', fields: Array(11).fill({ type: 'mrkdwn', text: 'x' }) },
    ],
  ])('are %s', (_, fine, refused) => {
    expect(blockProblems([fine], 'message')).toEqual([]);
    expect(blockProblems([refused], 'message')).not.toEqual([]);
  });

  it('are fifty blocks in a message and a hundred in a window, and no name twice', () => {
    expect(blockProblems(Array(50).fill({ type: 'divider' }), 'message')).toEqual([]);
    expect(blockProblems(Array(51).fill({ type: 'divider' }), 'message')).not.toEqual([]);
    expect(blockProblems(Array(100).fill({ type: 'divider' }), 'modal')).toEqual([]);
    expect(
      blockProblems(
        [
          { type: 'divider', block_id: 'a' },
          { type: 'divider', block_id: 'a' },
        ],
        'modal',
      ),
    ).not.toEqual([]);
  });
});
