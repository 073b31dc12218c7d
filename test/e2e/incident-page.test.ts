import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Visitor, visitor } from '../support/page-visitor.ts';
import { freePort } from '../support/real-parts.ts';
import { startRedis } from '../support/redis.ts';
import { type IncidentCard, PEOPLE, type RemedyService, remedyService } from '../support/remedy-service.ts';
import { newKeys } from '../support/signing-keys.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

type Settings = Parameters<typeof remedyService>[0];

/** The whole service with pages, and the card of one finished diagnosis. */
async function world(given: Settings = {}) {
  const publicPort = await freePort();
  const service = await remedyService({ publicPort, ...given });
  stops.push(service.stop);
  return { service, origin: `http://127.0.0.1:${publicPort}`, card: await service.diagnose() };
}

/** What somebody was answered alone since a moment. */
const answers = ({ slack }: RemedyService, from: number) => slack.responses.slice(from).map(({ body }) => JSON.stringify(body));

/** Presses the entry of the menu; what the answer says. */
async function press(service: RemedyService, card: IncidentCard, user: string = PEOPLE.ann): Promise<string> {
  const before = service.slack.responses.length;
  await card.click(user, 'Incident page');
  return eventually(() => {
    const [answer] = answers(service, before);
    if (answer === undefined) throw new Error('nobody was answered');
    return answer;
  });
}

/** The address in an answer. */
function linkIn(answer: string): string {
  const found = /<(http[^|>]+)\|Open the incident page>/.exec(answer)?.[1];
  if (found === undefined) throw new Error(`there is no link in ${answer}`);
  return found;
}

const pageOf = (link: string) => link.replace(/\/open\/.*$/, '');

/** Goes the whole way from a link to a visit. */
async function enter(link: string, by: Visitor = visitor()) {
  const received = await by.get(link);
  const opened = await by.post(`${pageOf(link)}/open`);
  return { by, received, opened, page: pageOf(link) };
}

describe('the page of an incident', () => {
  it('is opened once, from a link that only one person is shown, and tells the whole story', async () => {
    const { service, card, origin } = await world({ failing: 2 });
    await card.click(PEOPLE.ann, 'Roll back');
    await card.says(/needs 1 approval/);
    await card.decide(PEOPLE.bob, 'Review …', 'matches <b>the</b> release notes');
    await card.says(/Fixed/);

    const before = service.slack.requests.length;
    const answer = await press(service, card);
    const link = linkIn(answer);
    expect(link.startsWith(`${origin}/incidents/`)).toBe(true);
    expect(answer).toContain('"response_type":"ephemeral"');
    expect(service.slack.requests.slice(before).map(({ method }) => method)).not.toContain('chat.postMessage');

    const ann = visitor();
    // Whoever looks at links for previews or for viruses uses nothing up.
    for (let scan = 0; scan < 3; scan++) {
      const scanner = visitor();
      expect((await scanner.get(link)).status).toBe(303);
      expect((await scanner.get(`${pageOf(link)}/open`)).body).toContain('Open incident');
    }
    const received = await ann.get(link);
    expect(received).toMatchObject({
      status: 303,
      headers: { location: new URL(`${pageOf(link)}/open`).pathname, 'referrer-policy': 'no-referrer' },
    });
    const door = await ann.get(`${pageOf(link)}/open`);
    expect(door.body).toMatch(/<form method="post" action="\/incidents\/[^"/]+\/open">/);
    const opened = await ann.post(`${pageOf(link)}/open`, { 'sec-fetch-site': 'same-origin' });
    expect(opened).toMatchObject({ status: 303, headers: { location: new URL(pageOf(link)).pathname } });
    expect(opened.headers['set-cookie']).toEqual([
      expect.stringMatching(/^imagepull-visit=[\w-]{64}; Path=\/incidents\/[^;]+; Max-Age=1800; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^imagepull-visit=[\w-]{64}; Path=\/incidents\/[^;]+\.md; Max-Age=1800; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^imagepull-invitation=; Path=\/incidents\/[^;]+\/open; Max-Age=0;/),
    ]);

    const page = await ann.get(pageOf(link));
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
    });
    expect(page.body).not.toMatch(/<script|\sstyle="|\son[a-z]+="/);
    for (const said of [
      'has no tag 1.27.4',
      'tag-not-found',
      'Roll back Deployment shop/web',
      'approved',
      'matches &lt;b&gt;the&lt;/b&gt; release notes',
      'Carried out',
      'have their images',
      '<svg',
    ])
      expect(page.body).toContain(said);
    const exported = await ann.get(`${pageOf(link)}.md`);
    expect(exported).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/markdown; charset=utf-8', 'content-disposition': expect.stringMatching(/^attachment; /) },
    });
    expect(exported.body).toContain('## Timeline');
    expect(exported.body.replaceAll(/```[\s\S]*?```/g, '')).not.toContain('<b>');

    const key = link.split('/').at(-1) ?? '';
    for (const kept of [page.body, exported.body, door.body, service.log()]) {
      expect(kept).not.toContain(key);
      expect(kept).not.toContain('canary');
    }
    const again = await enter(link);
    expect([again.received.status, again.opened.status]).toEqual([403, 403]);
    expect(again.by.cookies.size).toBe(0);
  });

  it('gives of two who open one link at the same time one of them the page', async () => {
    const { service, card } = await world();
    const link = linkIn(await press(service, card));
    const two = [visitor(), visitor()];
    for (const one of two) await one.get(link);
    const opened = await Promise.all(two.map((one) => one.post(`${pageOf(link)}/open`)));
    expect(opened.map(({ status }) => status).sort()).toEqual([303, 403]);
  });

  it('is for nobody without a link, with a guessed key, or with the session of another incident', async () => {
    const { service, card, origin } = await world();
    const first = await enter(linkIn(await press(service, card)));
    expect((await first.by.get(first.page)).status).toBe(200);
    const [session = ''] = [...first.by.cookies.values()];

    const withoutLink = await visitor().get(first.page);
    expect(withoutLink.status).toBe(403);
    const unknown = await visitor().get(`${origin}/incidents/0123456789abcdef`);
    expect(unknown).toEqual({ ...withoutLink, headers: { ...unknown.headers } });

    // The key of a visit is none to another incident, is no invitation, and no half of it is a key.
    const other = visitor();
    const forge = (path: string, name: string, key: string) => (other.cookies as Map<string, string>).set(`${path} ${name}`, key);
    forge('/incidents/0123456789abcdef', 'imagepull-visit', session);
    expect((await other.get(`${origin}/incidents/0123456789abcdef`)).status).toBe(403);
    expect((await other.get(`${first.page}/open/${session}`)).status).toBe(403);
    const path = new URL(first.page).pathname;
    forge(path, 'imagepull-visit', `${session.slice(0, 22)}${'A'.repeat(42)}`);
    expect((await other.get(first.page)).status).toBe(403);
    forge(path, 'imagepull-visit', session);
    expect((await other.get(first.page)).status).toBe(200);
  });

  it('is not opened by a form of another site', async () => {
    const { service, card } = await world();
    const link = linkIn(await press(service, card));
    const by = visitor();
    await by.get(link);
    expect((await by.post(`${pageOf(link)}/open`, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await by.post(`${pageOf(link)}/open`)).status).toBe(303);
  });

  it('gives no link to a guest of another workspace or to who may not ask about the namespace', async () => {
    const { service, card } = await world({
      settings: 'access: { rules: [{ groups: [S0SRE] }] }',
      before: ({ workspace }) => {
        workspace.groups.set('S0SRE', [PEOPLE.ann]);
        workspace.people.set('U0FOREIGN', { team: 'T0OTHER' });
        workspace.people.set('U0GUEST', { guest: true });
      },
    });
    for (const user of ['U0FOREIGN', 'U0GUEST']) {
      const answer = await press(service, card, user);
      expect(answer).toContain('Guests and members of other workspaces');
      expect(answer).not.toContain('/incidents/');
    }
    const answer = await press(service, card, PEOPLE.mallory);
    expect(answer).toContain('is not one that you may ask about');
    expect(answer).not.toContain('/incidents/');
    expect(await press(service, card, PEOPLE.ann)).toContain('/incidents/');
  });

  it('outlasts a restart on Redis, and is closed to whoever may not see it any more, before the link is opened and after', async () => {
    const redis = await startRedis();
    stops.push(redis.stop);
    const { service, card } = await world({ redisUrl: redis.url, signingKey: newKeys().privatePem });
    const opened = await enter(linkIn(await press(service, card)));
    const [late, waiting] = [linkIn(await press(service, card)), visitor()];
    await waiting.get(late);
    await service.restart();
    expect((await opened.by.get(opened.page)).status).toBe(200);
    service.slack.workspace.people.set(PEOPLE.ann, { guest: true });
    // What Slack says of people is believed for a minute; a new process has asked nothing yet.
    await service.restart();
    const closed = expect.stringContaining('You may not see this incident');
    expect(await opened.by.get(opened.page)).toMatchObject({ status: 403, body: closed });
    expect(await waiting.post(`${pageOf(late)}/open`)).toMatchObject({ status: 403, body: closed });
    // Both are over, whatever Slack says later.
    expect(await opened.by.get(opened.page)).toMatchObject({
      status: 403,
      body: expect.stringContaining('does not open the page any more'),
    });
  });

  it('has no entry in menus, no path and no link where no public address is configured', async () => {
    const service = await remedyService();
    stops.push(service.stop);
    const card = await service.diagnose();
    expect(JSON.stringify(card.card.blocks)).toContain('Show raw');
    expect(JSON.stringify(card.card.blocks)).not.toContain('Incident page');
  });
});
