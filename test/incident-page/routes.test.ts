import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../src/errors.ts';
import type { HttpAnswer } from '../../src/http/handler.ts';
import { incidentPageRoutes } from '../../src/incident-page/serving/routes.ts';
import { createAccess } from '../../src/intake/access.ts';
import type { People } from '../../src/intake/people.ts';
import { createPasses } from '../../src/passes/passes.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { SILENT } from '../../src/telemetry/log.ts';
import { memberPod } from '../support/dossiers.ts';
import { concludedRun, incidentObject } from '../support/incidents.ts';
import { peopleOf } from '../support/people.ts';

const INCIDENT = 'a1b2c3';
const ANN = { incidentId: INCIDENT, user: 'U0ANN', channel: 'C1' };

/** The routes with an incident in a store, and somebody who visits it. */
async function served(given: { readonly isSecure?: boolean; readonly people?: People; readonly namespaces?: readonly string[] } = {}) {
  const store = new MemoryStore();
  const clock = { now: Date.parse('2026-03-01T11:00:00Z') };
  const now = () => new Date(clock.now);
  await store.incidents.create(incidentObject({ id: INCIDENT, care: { by: 'U0BOB', since: '2026-03-01T10:12:00Z' } }));
  await store.runs.create(concludedRun({ id: 'r', incidentId: INCIDENT }, 'tag-not-found'));
  const other = memberPod({ pod: 'merger', node: 'node-7', namespace: 'board', workload: 'Job/merger' });
  await store.members.add(INCIDENT, [memberPod({ pod: 'web-0', node: 'node-1' }), other]);
  const people = given.people ?? peopleOf({});
  const rules = given.namespaces && [{ clusters: ['*'], namespaces: given.namespaces }];
  const access = createAccess({ clusters: [{ name: 'test', namespaces: { deny: [] } }], rules, people });
  const passes = createPasses({ store, now, randomBytes });
  const warned: string[] = [];
  const log = { ...SILENT, warn: (text: string, fields: object = {}) => void warned.push(`${text} ${JSON.stringify(fields)}`) };
  const routes = incidentPageRoutes({ store, access, people, passes, log, now, isSecure: given.isSecure ?? false });
  const ask = (
    method: 'GET' | 'POST',
    path: string,
    params: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpAnswer> => {
    const route = routes.find((one) => one.path === path && one.methods.includes(method));
    if (!route) throw new Error(`there is no route ${method} ${path}`);
    return route.handle({ headers, params, body: Buffer.alloc(0) });
  };
  const invitation = (await passes.invite(ANN)).key;
  const prefix = given.isSecure === true ? '__Secure-' : '';
  return {
    ...{ store, clock, warned, ask, invitation, passes },
    visit: async () => {
      const opened = await passes.open(invitation, INCIDENT);
      return () => ask('GET', '/incidents/:id', { id: INCIDENT }, { cookie: `other=1; ${prefix}imagepull-visit=${opened?.key}` });
    },
  };
}

describe('the routes of incident pages', () => {
  it('answer 404 with a sentence once the incident is gone, and the visit ends with it', async () => {
    const { store, visit } = await served();
    const look = await visit();
    expect(await look()).toMatchObject({ status: 200, body: expect.stringContaining('has no tag 1 of shop/web') });
    await store.incidents.remove(INCIDENT);
    expect(await look()).toMatchObject({ status: 404, body: expect.stringContaining('This incident is gone') });
    expect((await look()).status).toBe(403);
  });

  it('answer 404 for what is no id, and the same for any incident without a pass', async () => {
    const { ask } = await served();
    for (const id of ['', '../x', 'a b', 'x'.repeat(65)]) expect((await ask('GET', '/incidents/:id', { id })).status).toBe(404);
    const known = await ask('GET', '/incidents/:id', { id: INCIDENT });
    expect(known.status).toBe(403);
    expect(await ask('GET', '/incidents/:id', { id: 'unknown' })).toEqual(known);
    expect(await ask('GET', '/incidents/:id/open', { id: 'unknown' })).toEqual(known);
  });

  it('set cookies that only HTTPS carries where people come by HTTPS', async () => {
    const { ask, invitation } = await served({ isSecure: true });
    const received = await ask('GET', '/incidents/:id/open/:key', { id: INCIDENT, key: invitation });
    expect(received.headers?.['set-cookie']).toEqual([
      `__Secure-imagepull-invitation=${invitation}; Path=/incidents/${INCIDENT}/open; Max-Age=300; HttpOnly; SameSite=Lax; Secure`,
    ]);
    // A cookie of the other name, which any page of the host could have set, is none.
    const path = '/incidents/:id/open';
    expect((await ask('POST', path, { id: INCIDENT }, { cookie: `imagepull-invitation=${invitation}` })).status).toBe(403);
    const opened = await ask('POST', path, { id: INCIDENT }, { cookie: `__Secure-imagepull-invitation=${invitation}` });
    expect(opened.status).toBe(303);
    for (const cookie of opened.headers?.['set-cookie'] ?? []) expect(cookie).toMatch(/^__Secure-.*; HttpOnly; .*; Secure$/);
  });

  it('end a link after five minutes', async () => {
    const { ask, invitation, clock } = await served();
    clock.now += 5 * 60_000;
    expect((await ask('GET', '/incidents/:id/open/:key', { id: INCIDENT, key: invitation })).status).toBe(403);
    expect((await ask('POST', '/incidents/:id/open', { id: INCIDENT }, { cookie: `imagepull-invitation=${invitation}` })).status).toBe(403);
  });

  it('name pods of namespaces that the reader may ask about, and count the others', async () => {
    const all = await (await (await served()).visit())();
    expect(all.body).toContain('board/Job/merger');
    const some = await (await (await served({ namespaces: ['shop'] })).visit())();
    expect(some.body).toContain('shop/Deployment/web');
    expect(some.body).not.toMatch(/board|merger|node-7/);
    expect(some.body).toContain('And 1 workload in namespaces that you may not ask about.');
    expect((await (await (await served({ namespaces: ['board'] })).visit())()).status).toBe(403);
  });

  it('call people by their names, or by their ids while the chat does not tell them', async () => {
    expect((await (await (await served()).visit())()).body).toContain('Name of U0BOB');
    const silent = peopleOf({});
    const people: People = {
      ...silent,
      person: (user) =>
        user === 'U0BOB' ? Promise.reject(new CodedError('chat/unavailable', 'Slack is away.', { retryable: true })) : silent.person(user),
    };
    const { visit, warned } = await served({ people });
    expect((await (await visit())()).body).toContain('<strong>U0BOB</strong>');
    expect(warned).toEqual([expect.stringContaining('Slack is away')]);
  });

  it('show nothing while the chat does not tell who somebody is, and keep the visit', async () => {
    const known = peopleOf({});
    let isAway = false;
    const people: People = {
      ...known,
      person: (user) =>
        isAway ? Promise.reject(new CodedError('chat/unavailable', 'Slack is away.', { retryable: true })) : known.person(user),
    };
    const look = await (await served({ people })).visit();
    isAway = true;
    expect(await look()).toMatchObject({ status: 503, headers: { 'retry-after': '30' }, body: expect.not.stringContaining('shop') });
    isAway = false;
    expect((await look()).status).toBe(200);
  });

  it('let nobody try keys without end, nor load a page all the time', async () => {
    const { ask, visit, clock } = await served();
    const look = await visit();
    const statuses = new Set<number>();
    for (let nth = 0; nth < 61; nth++) statuses.add((await look()).status);
    expect([...statuses]).toEqual([200, 429]);
    const guess = () => ask('GET', '/incidents/:id/open/:key', { id: INCIDENT, key: randomBytes(48).toString('base64url') });
    const answers: number[] = [];
    for (let nth = 0; nth < 300; nth++) answers.push((await guess()).status);
    expect(new Set(answers)).toEqual(new Set([403, 429]));
    expect((await guess()).status).toBe(429);
    clock.now += 60_000;
    expect((await guess()).status).toBe(403);
  });
});
