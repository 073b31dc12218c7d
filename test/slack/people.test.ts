import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import { type SlackServer, startSlack } from '../../src/demo/slack/slack-server.ts';
import { createSlackPeople } from '../../src/slack/people.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function world() {
  const slack: SlackServer = await startSlack();
  stops.push(slack.stop);
  const { workspace } = slack;
  workspace.addChannel('C1', 'incidents', ['U1', workspace.botUser]);
  workspace.addChannel('CPRIV', 'secret', ['U1', workspace.botUser], true);
  workspace.addChannel('CFAR', 'far', ['U1']);
  workspace.addChannel('CHIDDEN', 'hidden', ['U1'], true);
  workspace.people.set('UGUEST', { guest: true });
  workspace.people.set('UOTHER', { team: 'T9' });
  workspace.groups.set('SOPS', ['UOPS']);
  let now = 0;
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  return {
    slack,
    people: createSlackPeople(client, () => now),
    later(ms: number) {
      now += ms;
    },
  };
}

describe('people in Slack', () => {
  it('are members of the own workspace, or guests and members of others', async () => {
    const { people } = await world();
    const members = await Promise.all(['U1', 'UGUEST', 'UOTHER'].map((user) => people.person(user)));
    expect(members.map(({ member }) => member)).toEqual([true, false, false]);
  });

  it('ask in channels that the bot is in or not, open or private', async () => {
    const { people } = await world();
    expect(await Promise.all(['C1', 'CPRIV', 'CFAR', 'CHIDDEN'].map((id) => people.channel(id)))).toEqual([
      { joined: true, open: true, shared: false },
      { joined: true, open: false, shared: false },
      { joined: false, open: true, shared: false },
      { joined: false, open: false, shared: false },
    ]);
  });

  it('are in user groups or not, and in none that does not exist', async () => {
    const { people } = await world();
    expect(await Promise.all([people.isIn('UOPS', 'SOPS'), people.isIn('U1', 'SOPS'), people.isIn('U1', 'SNONE')])).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('are asked about once a minute', async () => {
    const { slack, people, later } = await world();
    const asked = () => slack.requests.filter(({ method }) => method === 'users.info').length;
    for (let n = 0; n < 3; n++) await people.person('U1');
    expect(asked()).toBe(1);
    later(61_000);
    await people.person('U1');
    expect(asked()).toBe(2);
  });

  it('are nobody while Slack does not tell, and that is not remembered', async () => {
    const { slack, people } = await world();
    slack.faults.add({ kind: 'server-error', methods: ['users.info'] });
    await expect(people.person('U1')).rejects.toMatchObject({ code: 'chat/unavailable', retryable: true });
    expect(await people.person('U1')).toEqual({ member: true, organisation: 'T0DEMO' });
  });
});
