import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapedWithin, fenced, markup } from '../../src/slack/text.ts';

const hostile = fc
  .array(
    fc.oneof(fc.constantFrom('<!channel>', '<@U1>', '@here', '```', '&', '<', '>', '\u202e', '😀', '\ud800', '\n', '*b*'), fc.string()),
  )
  .map((parts) => parts.join(''));
/** Entities are whole, and nothing else starts like one or opens a mention. */
const isInert = (text: string) => !/[<>]/.test(text) && !/&(?!(?:amp|lt|gt);)/.test(text);

describe('text of others in Slack', () => {
  it('breaks out of no fence, pings nobody, and is as long as it may be', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 20, max: 200 }), (text, most) => {
        const shown = fenced(text, most);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown).toMatch(/^```\n[\s\S]*\n```$/);
        expect(shown.slice(3, -3)).not.toContain('```');
        expect(isInert(shown)).toBe(true);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });

  it('mentions people and groups by their ids alone', () => {
    const shown = ['U0ANN', 'W0ANN', 'S0ONCALL', '!channel', 'U0ANN> <!here', 'here'].map((id) => markup([{ kind: 'mention', id }]));
    expect(shown).toEqual(['<@U0ANN>', '<@W0ANN>', '<!subteam^S0ONCALL>', '!channel', 'U0ANN&gt; &lt;!here', 'here']);
  });

  it('pings nobody outside of one either', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 200 }), (text, most) => {
        const shown = escapedWithin(text, most);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(isInert(shown)).toBe(true);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });
});
