import { afterEach, describe, expect, it } from 'vitest';
import { ResponseUrls } from '../../src/demo/slack/response-urls.ts';
import { startSlack } from '../../src/demo/slack/slack-server.ts';
import { fieldErrors, settleSubmission } from '../../src/demo/slack/submissions.ts';
import { Triggers } from '../../src/demo/slack/triggers.ts';
import { openView, pushView, updateView } from '../../src/demo/slack/views.ts';
import { Workspace } from '../../src/demo/slack/workspace.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const modal = (title: string) => ({
  type: 'modal',
  title: plain(title),
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'hello' } }],
});
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function world() {
  const workspace = new Workspace(Date.now);
  const triggers = new Triggers(60_000);
  workspace.addChannel('C1', 'incidents', ['U1', workspace.botUser]);
  return { workspace, triggers, spendTrigger: (id: string) => triggers.spend(id) };
}

describe('windows of the stand-in', () => {
  it('are those of whoever triggered them, and lie upon each other, three at most', () => {
    const given = world();
    const open = (user: string) => openView({ trigger_id: given.triggers.make(user), view: modal('One') }, given);
    const push = (user: string) => pushView({ trigger_id: given.triggers.make(user), view: modal('Two') }, given);
    expect(push('U1')).toMatchObject({ ok: false, error: 'not_found' });
    expect(open('U1')).toMatchObject({ ok: true });
    expect([push('U1'), push('U1')]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(push('U1')).toMatchObject({ ok: false, error: 'push_limit_reached' });
    expect(push('U2')).toMatchObject({ ok: false, error: 'not_found' });
    expect(given.workspace.views.map(({ user }) => user)).toEqual(['U1', 'U1', 'U1']);
  });

  it('are replaced by whoever knows which version they are of', () => {
    const given = world();
    const opened = given.workspace.openView('U1', modal('One'));
    const update = (hash: string) => updateView({ view_id: opened.id, view: modal('Two'), hash }, given.workspace);
    expect(update(`${opened.id}.1`)).toMatchObject({ ok: true, body: { view: { hash: `${opened.id}.2` } } });
    expect(update(`${opened.id}.1`)).toMatchObject({ ok: false, error: 'hash_conflict' });
    expect(updateView({ view_id: opened.id, view: modal('x'.repeat(25)) }, given.workspace)).toMatchObject({ error: 'invalid_arguments' });
  });

  it('become what the app acknowledges them with', () => {
    const { workspace } = world();
    const settle = (answer: unknown) => {
      const opened = workspace.openView('U1', modal('One'));
      settleSubmission(workspace, opened, answer);
      return opened;
    };
    expect(settle(undefined).open).toBe(false);
    expect(settle({}).open).toBe(false);
    expect(settle({ response_action: 'errors', errors: { a: 'no' } })).toMatchObject({ open: true, errors: { a: 'no' } });
    expect(settle({ response_action: 'update', view: modal('Two') })).toMatchObject({ open: true, version: 2, view: modal('Two') });
    expect(() => settle({ response_action: 'update', view: { type: 'modal' } })).toThrow(/a view that Slack refuses/);
    settle({ response_action: 'push', view: modal('Three') });
    expect(workspace.views.at(-1)).toMatchObject({ user: 'U1', open: true, view: modal('Three') });
    settle({ response_action: 'clear' });
    expect(workspace.views.filter(({ open }) => open)).toEqual([]);
  });

  it('are not sent off with a field that is wrong', () => {
    const input = (id: string, optional: boolean, element: object) => ({
      type: 'input',
      block_id: id,
      label: plain(id),
      optional,
      element,
    });
    const options = [{ text: plain('A'), value: 'a' }];
    const view = {
      blocks: [
        input('words', false, { type: 'plain_text_input', action_id: 'words', min_length: 2, max_length: 4 }),
        input('more', true, { type: 'plain_text_input', action_id: 'more' }),
        input('one', false, { type: 'static_select', action_id: 'one', options }),
      ],
    };
    expect(fieldErrors(view, {})).toEqual({ words: 'Fill in this field.', one: 'Fill in this field.' });
    expect(Object.keys(fieldErrors(view, { words: 'x', one: 'b' }))).toEqual(['words', 'one']);
    expect(fieldErrors(view, { words: 'xxxxx', one: 'a' })).toEqual({ words: 'This has 5 characters; at most 4 fit.' });
    expect(fieldErrors(view, { words: 'yes', one: 'a' })).toEqual({});
  });
});

describe('addresses to respond at', () => {
  it('tell one person, five times', async () => {
    const { workspace } = world();
    const urls = new ResponseUrls('http://127.0.0.1:1', workspace);
    const path = new URL(urls.make({ channel: 'C1', user: 'U1' })).pathname;
    for (let use = 0; use < 5; use++) expect(urls.answer(path, { text: `${use}` })).toMatchObject({ ok: true });
    expect(urls.answer(path, { text: 'again' })).toMatchObject({ ok: false, error: 'used_url' });
    expect(urls.answer('/response/other', { text: 'x' })).toMatchObject({ ok: false, error: 'invalid_url' });
    expect(workspace.ephemerals).toHaveLength(5);
    expect(workspace.ephemerals[0]).toMatchObject({ channel: 'C1', user: 'U1', text: '0' });
    expect(workspace.messages).toEqual([]);
  });

  it('are as strict about blocks as posting is, and over HTTP as well', async () => {
    const slack = await startSlack();
    stops.push(slack.stop);
    slack.workspace.addChannel('C1', 'incidents', ['U1', slack.workspace.botUser]);
    const urls = new ResponseUrls('http://127.0.0.1:1', slack.workspace);
    const path = new URL(urls.make({ channel: 'C1', user: 'U1' })).pathname;
    expect(urls.answer(path, { blocks: [{ type: 'section' }] })).toMatchObject({ ok: false, error: 'invalid_blocks' });
    expect(urls.answer(path, { response_type: 'in_channel', text: 'to all' })).toMatchObject({ ok: true });
    expect(slack.workspace.messages).toMatchObject([{ channel: 'C1', text: 'to all' }]);
    const answered = await fetch(slack.apiUrl.replace('/api/', '/response/unknown'), { method: 'POST', body: '{"text":"x"}' });
    expect([answered.status, await answered.json()]).toEqual([400, { ok: false, error: 'invalid_url' }]);
  });
});
