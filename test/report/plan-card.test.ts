import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blockProblems, viewProblems } from '../../src/demo/slack/block-limits.ts';
import type { Life } from '../../src/incident/incident.ts';
import { MAX_LINES } from '../../src/report/card/card.ts';
import { phoneLines } from '../../src/report/card/phone-lines.ts';
import { slackMessage } from '../../src/slack/blocks.ts';
import {
  choiceWindow,
  type Given,
  planCardsText,
  planStates,
  planThread,
  reviewWindow,
  shownPieces,
  taskStates,
} from '../support/plan-cards.ts';

const NAME = 'n'.repeat(253);
/** Everything as long as it may be. */
const LONGEST: Given = {
  cluster: 'c'.repeat(63),
  title: 't'.repeat(500),
  says: 's'.repeat(2_000),
  approvals: 10,
  approvers: 9,
  plan: {
    remedy: {
      id: 'set-image',
      workload: { namespace: 'shop', kind: 'StatefulSet', name: NAME },
      container: NAME,
      repository: 'r'.repeat(512),
      tag: 't'.repeat(128),
      digest: `sha256:${'a'.repeat(64)}`,
    },
    effect: 'e'.repeat(2_000),
    undo: 'u'.repeat(2_000),
    notChecked: Array.from({ length: 50 }, () => 'x'.repeat(2_000)),
    dryRun: 'd'.repeat(20_000),
    findings: Array.from({ length: 200 }, (_, at) => `pull-error/${'f'.repeat(50)}${at}`),
    blast: { restarts: 100_000, replicasLeft: 99_999, disruptionBudgets: Array.from({ length: 50 }, () => NAME) },
  },
};

/** Lines of a card on a phone. */
function linesOf(card: ReturnType<typeof planThread>[number] | undefined): number {
  const texts = card ? shownPieces(card) : [];
  return (card?.pieces ?? []).reduce((sum, piece, at) => {
    if (piece.kind === 'buttons') return sum + 1;
    if (piece.kind === 'headline') return sum + phoneLines(`   ${piece.text}`, 'section');
    return sum + phoneLines(texts[at] ?? '', piece.kind === 'note' ? 'context' : 'section');
  }, 0);
}

const [usual, longest, tasks] = [planStates(), planStates(LONGEST), taskStates()];

describe('the card of a plan', () => {
  it('is in every state as somebody has looked at it, and so are the windows', () => {
    // `npm run cases` writes it anew; read the diff.
    expect(planCardsText()).toBe(readFileSync('test/report/plan-cards.txt', 'utf8'));
  });

  it.each(Object.keys(usual))('%s has at most twelve lines on a phone, with the longest that may be as well', (name) => {
    expect(linesOf(planThread(usual[name])[0])).toBeLessThanOrEqual(MAX_LINES);
    expect(linesOf(planThread(longest[name], LONGEST)[0])).toBeLessThanOrEqual(MAX_LINES);
  });

  it.each(Object.keys(longest))('%s keeps to the limits of Slack with the longest that may be, and so does its thread', (name) => {
    for (const message of planThread(longest[name], LONGEST)) {
      const { blocks } = slackMessage(message);
      expect(blockProblems([...blocks], 'message')).toEqual([]);
    }
  });

  it.each(Object.keys(tasks))('%s keeps to both as well', (name) => {
    const [card, ...thread] = planThread(tasks[name]);
    expect(linesOf(card)).toBeLessThanOrEqual(MAX_LINES);
    for (const message of [card, ...thread])
      expect(blockProblems([...(message ? slackMessage(message).blocks : [])], 'message')).toEqual([]);
  });

  it('has buttons to decide only while people decide', () => {
    const deciding = Object.keys(usual).filter((name) => JSON.stringify(planThread(usual[name])[0]?.pieces).includes('"review"'));
    expect(deciding).toEqual(['waiting', 'waiting for one more', 'reminded']);
  });

  it('offers to undo a cordon once that is done, and nothing else', () => {
    const plan = { remedy: { id: 'cordon-node', node: 'node-1' }, watched: { kind: 'nothing' } } as const;
    const pieces = planThread(planStates({ plan })['fixed'])[0]?.pieces ?? [];
    expect(pieces[0]).toMatchObject({ mark: 'fine', text: 'Done: Cordon node-1' });
    expect(JSON.stringify(pieces)).toContain('{"kind":"remedy","id":"i/uncordon-node"}');
    expect(JSON.stringify(planThread(usual['fixed'])[0]?.pieces)).not.toContain('uncordon');
  });

  it('gives way to the end of an incident that it did not bring about, with what takes it back', () => {
    const plan = { remedy: { id: 'cordon-node', node: 'node-1' }, watched: { kind: 'nothing' } } as const;
    const end = (at: string): Life => ({ status: 'resolved', at, by: { kind: 'recovery', pods: 1, pulled: 1, changes: [] } });
    const headline = (card: ReturnType<typeof planThread>) => card[0]?.pieces[0];
    const cordoned = planStates({ plan })['fixed'];
    const [later, before] = ['2026-03-02T10:00:00Z', '2026-03-01T09:00:00Z'].map((at) => planThread(cordoned, { life: end(at) }));
    expect(headline(later ?? [])).toMatchObject({ mark: 'fine', text: expect.stringMatching(/^Resolved by itself: 1 pod pulled/) });
    expect(JSON.stringify(later?.[0]?.pieces)).toContain('{"kind":"remedy","id":"i/uncordon-node"}');
    expect(headline(before ?? [])).toMatchObject({ text: 'Done: Cordon node-1' });
    expect(headline(planThread(usual['not fixed'], { life: end('2026-03-02T10:00:00Z') }))).toMatchObject({
      text: expect.stringMatching(/^Resolved by itself/),
    });
    expect(headline(planThread(usual['fixed'], { life: end('2026-03-02T10:00:00Z') }))).toMatchObject({
      text: expect.stringMatching(/^Fixed/),
    });
  });

  it('says in the thread whole what a card has no room for', () => {
    const said = planThread(longest['cannot be done'], LONGEST).find(({ key }) => key.startsWith('outcome.'));
    expect(said?.text).toContain('s'.repeat(2_000));
  });
});

describe('the windows of a plan', () => {
  it('keep to the limits of Slack, with the longest that may be as well', () => {
    for (const given of [{}, LONGEST])
      for (const opens of ['approve', 'deny'] as const) expect(viewProblems(reviewWindow(opens, given))).toEqual([]);
    expect(viewProblems(choiceWindow(['t'.repeat(128), 'u'.repeat(75), 'v']))).toEqual([]);
    expect(viewProblems(choiceWindow([]))).toEqual([]);
  });

  it('have nothing to approve with where not everything fits, and can still deny', () => {
    expect('submit' in reviewWindow('approve', LONGEST)).toBe(false);
    expect(JSON.stringify(reviewWindow('approve', LONGEST))).toContain('It does not fit here whole');
    expect('submit' in reviewWindow('deny', LONGEST)).toBe(true);
  });

  it('show what comes from outside word for word, with invisible and turning characters visible', () => {
    const plan = { effect: 'Deployment \u202eexe.bew\u200b <!channel> <@U0BOB> *bold* asks for it' };
    const window = JSON.stringify(reviewWindow('approve', { plan, title: 'no tag \u2066x' }));
    expect(window).not.toMatch(/[\u202e\u200b\u2066]/);
    expect(window).toContain('{"type":"text","text":"Deployment ');
  });
});
