import { describe, expect, it } from 'vitest';
import { hintOf, stepAfter } from '../../../src/demo/page/guide.ts';
import { readStories } from '../../../src/demo/stories/stories.ts';
import { Story } from '../../../src/demo/stories/story.ts';

const [first] = readStories();
const { steps } = Story.parse({
  ...first,
  steps: [
    { step: 'choose', who: 'ann', button: 'Set image …', value: '1.27.5' },
    { step: 'see', card: 'has 0' },
    { step: 'approve', who: 'bob', reason: 'fine' },
    { step: 'push', image: 'shop/web:1.27.6', told: 'Somebody pushes.' },
    { step: 'deny', who: 'eve', reason: 'no' },
  ],
});

describe('the guide', () => {
  it('knows a step by what somebody did', () => {
    expect(stepAfter(steps, 0, { kind: 'click', label: 'Set image …' })).toBe(0);
    expect(stepAfter(steps, 0, { kind: 'submit', label: 'Set image …', values: ['1.27.3'] })).toBe(0);
    expect(stepAfter(steps, 0, { kind: 'submit', label: 'Set image …', values: ['1.27.5'] })).toBe(1);
  });

  it('goes past a text that somebody did not wait for, and past nothing else', () => {
    const approved = { kind: 'submit', label: 'Review …', values: ['fine'] } as const;
    const denied = { kind: 'submit', label: 'Deny …', values: ['no'] } as const;
    expect(stepAfter(steps, 1, approved)).toBe(3);
    expect(stepAfter(steps, 0, approved)).toBe(0);
    expect(stepAfter(steps, 3, denied)).toBe(3);
    expect(stepAfter(steps, 4, denied)).toBe(5);
    expect(stepAfter(steps, 5, denied)).toBe(5);
  });

  it('has a hint for everything that somebody has to do', () => {
    for (const step of readStories().flatMap((story) => story.steps)) {
      const isByHand = 'who' in step || step.step === 'see';
      expect(hintOf(step)?.text.length ?? 0, step.step).toBeGreaterThan(isByHand ? 10 : -1);
      if ('who' in step) expect(hintOf(step)?.who).toBe(step.who);
    }
  });
});
