import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SlackDeeds } from '../../../src/demo/page/slack-deeds.ts';
import { GUEST } from '../../../src/demo/player/environment.ts';
import { type SlackServer, startSlack } from '../../../src/demo/slack/slack-server.ts';
import { PEOPLE } from '../../../src/demo/stories/story.ts';

const { ann, bob } = PEOPLE;
const button = { type: 'button', action_id: 'b1', text: { type: 'plain_text', text: 'Press' }, value: 'x' };
const view = { type: 'modal', title: { type: 'plain_text', text: 'Window' }, blocks: [] };

describe('what a person may do in the page', () => {
  let slack: SlackServer;
  let deeds: SlackDeeds;
  beforeEach(async () => {
    slack = await startSlack();
    slack.workspace.addChannel('C1', 'incidents', [slack.workspace.botUser, ann, bob]);
    deeds = new SlackDeeds(slack, () => undefined);
  });
  afterEach(() => slack.stop());

  it('ends at what others alone see', async () => {
    const { workspace } = slack;
    const blocks = [{ type: 'actions', elements: [button] }];
    const ts = workspace.whisper({ channel: 'C1', user: ann, text: 'for ann', blocks, threadTs: undefined });
    const direct = workspace.post({ channel: ann, user: workspace.botUser, text: 'for ann', blocks });
    const opened = workspace.openView(ann, view);
    const click = { do: 'click', who: bob, actionId: 'b1', label: 'Press' } as const;
    const gone = { ok: false, says: 'That message is gone.' };
    expect(await deeds.do({ ...click, channel: 'C1', ts })).toEqual(gone);
    expect(await deeds.do({ ...click, channel: ann, ts: direct.ts })).toEqual(gone);
    for (const what of [{ do: 'close' }, { do: 'submit', values: {} }, { do: 'suggest', actionId: 'a', typed: '' }] as const)
      expect(await deeds.do({ ...what, who: bob, view: 0 })).toEqual({ ok: false, says: 'That window is not open any more.' });
    await deeds.do({ do: 'dismiss', who: bob, ts });
    expect([workspace.ephemerals.length, opened.open]).toEqual([1, true]);
    await deeds.do({ do: 'dismiss', who: ann, ts });
    expect(await deeds.do({ do: 'close', who: ann, view: 0 })).toEqual({ ok: true });
    expect([workspace.ephemerals.length, opened.open]).toEqual([0, false]);
  });

  it('ends at channels that they are not in, and at people who are not there', async () => {
    const text = 'hello';
    expect(await deeds.do({ do: 'write', who: GUEST, channel: 'C1', text })).toEqual({ ok: false, says: 'There is no such channel.' });
    expect(await deeds.do({ do: 'write', who: ann, channel: bob, text })).toEqual({ ok: false, says: 'There is no such channel.' });
    expect(await deeds.do({ do: 'write', who: 'U0NOBODY', channel: 'C1', text })).toEqual({
      ok: false,
      says: 'There is nobody called U0NOBODY.',
    });
    expect(slack.workspace.messages).toEqual([]);
    expect(await deeds.do({ do: 'write', who: ann, channel: 'C1', text })).toEqual({ ok: true });
    expect(slack.workspace.messages).toMatchObject([{ user: ann, channel: 'C1', text }]);
  });

  it('is told where a command cannot go', async () => {
    const write = (text: string, thread?: string) =>
      deeds.do({ do: 'write', who: ann, channel: 'C1', text, ...(thread === undefined ? {} : { thread }) });
    expect(await write('/deploy web')).toMatchObject({ ok: false, says: expect.stringMatching(/^\/deploy is no command here\./) });
    expect(await write('/imagepull status', '1.000000')).toEqual({
      ok: false,
      says: 'Commands do not work in threads. Write @imagepull and the rest of it.',
    });
    // Nobody has connected to this workspace.
    await expect(write('/imagepull status')).rejects.toThrow('no app is connected');
  });
});
