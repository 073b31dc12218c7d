import { expect, it } from 'vitest';
import { blockProblems } from '../../src/demo/slack/block-limits.ts';
import { slackMessage } from '../../src/slack/blocks.ts';
import { examinationMessage } from '../../src/slack/views/examination.ts';

const right = (id: string, says: string, hint: string) => ({ id, about: 'prod', status: 'warning' as const, says, hint });
const alive = { id: 'x', clusters: ['prod'], versions: {}, taskVersion: 1, release: '0.1.0' };

it('shows what is not fine of each process, and what to do', async () => {
  const message = examinationMessage({
    processes: [
      {
        roles: ['gateway'],
        clusters: [],
        release: '0.1.0',
        examined: {
          at: '2026-03-01T12:00:00.000Z',
          made: 11,
          wrong: [
            { id: 'slack-channels', status: 'broken', says: 'The bot is not in #incidents.', hint: 'Invite it there: /invite @imagepull.' },
            { id: 'redis-latency', status: 'warning', says: 'A PING takes 31 ms.', hint: 'Put it near to where the bot runs.' },
          ],
        },
      },
      {
        ...alive,
        roles: ['worker'],
        examined: {
          at: '2026-03-01T11:58:00.000Z',
          made: 9,
          wrong: [right('rights-secrets', 'Not allowed: get secrets.', 'Without that registries are asked anonymously.')],
        },
      },
      { ...alive, roles: ['executor'], clusters: [], examined: { at: '2026-03-01T11:59:00.000Z', made: 7, wrong: [] } },
      { ...alive, roles: ['worker'], release: undefined },
    ],
  });
  const shown = slackMessage(message);
  expect(blockProblems(shown.blocks, 'message')).toEqual([]);
  await expect(`${JSON.stringify(shown, null, 2)}\n`).toMatchFileSnapshot('examination.json');
});

it('stays within the limits of Slack with many processes that find a lot', () => {
  const wrong = Array.from({ length: 20 }, (_, at) => right(`check-${at}`, 'x'.repeat(400), 'y'.repeat(400)));
  const examined = { at: '2026-03-01T11:58:00.000Z', made: 20, wrong };
  const others = Array.from({ length: 50 }, () => ({ ...alive, roles: ['worker'], examined }));
  const { blocks, text } = slackMessage(examinationMessage({ processes: others }));
  expect(blockProblems(blocks, 'message')).toEqual([]);
  expect(text.length).toBeLessThanOrEqual(4_000);
});
