import { asCodedError } from '../../errors.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../../http/handler.ts';
import type { Incident } from '../../incident/incident.ts';
import type { Access, Rights } from '../../intake/access.ts';
import { createRequestBudget } from '../../network/request-budget.ts';
import { INVITATION_MS, type Pass, VISIT_MS } from '../../passes/pass.ts';
import type { Passes } from '../../passes/passes.ts';
import { unlessGone } from '../../store/collection.ts';
import { contentsOf } from '../contents.ts';
import { markdownPage } from '../markdown.ts';
import { incidentPage, noticePage } from '../page.ts';
import { pagePath } from '../paths.ts';
import { GONE, NO_PASS, NOTHING_HERE, noticeAnswer, pageAnswer, redirect, STRICT, TOO_MANY, UNAVAILABLE, WITHDRAWN } from './answers.ts';
import { readCookie, setCookie } from './cookies.ts';
import { type DossierParts, readDossier } from './read-dossier.ts';

/** What the pages of incidents are served with. */
export interface IncidentPageParts extends DossierParts {
  readonly passes: Passes;
  readonly access: Access;
  /** Whether people reach this service by HTTPS. */
  readonly isSecure: boolean;
}

const ID = /^[A-Za-z0-9-]{1,64}$/;
const MARKDOWN = '.md';
/** Requests within a minute, of everybody who shows no pass together, and of one visit; and at the same time. */
const STRANGERS_PER_MINUTE = 300;
const VISIT_PER_MINUTE = 60;
const AT_ONCE = 4;
/** No body is expected. */
const MAX_BYTES = 1024;

/**
 * `/incidents/ID`, the same as Markdown under `/incidents/ID.md`, and the way in: a link with the key of an invitation, which a GET never uses
 * up, since chats and scanners of links send such; it puts the key into a cookie and goes on to a path without it, where a button opens the page.
 */
export function incidentPageRoutes(parts: IncidentPageParts): readonly HttpRoute[] {
  const { passes, access, isSecure, log, now } = parts;
  const strangers = createRequestBudget({ perMinute: STRANGERS_PER_MINUTE, atOnce: AT_ONCE, now: () => now().getTime() });
  const visits = createRequestBudget({ perMinute: VISIT_PER_MINUTE, atOnce: AT_ONCE, now: () => now().getTime() });

  /** What everybody may try only so often, and what goes wrong outside, in sentences. */
  function guarded(handle: (request: HttpRequest, incidentId: string) => Promise<HttpAnswer>): HttpRoute['handle'] {
    return async (request) => {
      const incidentId = (request.params['id'] ?? '').replace(/\.md$/, '');
      if (!ID.test(incidentId)) return NOTHING_HERE;
      try {
        return await handle(request, incidentId);
      } catch (cause) {
        const { area, code, message } = asCodedError(cause);
        if (area !== 'chat' && area !== 'store') throw cause;
        log.warn('the page of an incident cannot be shown', { incident: incidentId, code, because: message });
        return UNAVAILABLE;
      }
    };
  }

  /** Of strangers only so much is looked up; a visit is looked up as one of them, and counts for itself afterwards. */
  async function lookedUp(key: string, find: (key: string) => Promise<Pass | undefined>): Promise<Pass | HttpAnswer> {
    if (key === '') return NO_PASS;
    const found = await strangers.within('all', async () => ({ pass: await find(key) }));
    return 'because' in found ? TOO_MANY : (found.pass ?? NO_PASS);
  }

  /** The incident, if it is there and whoever holds the pass may see it now. */
  async function seen({
    incidentId,
    user,
    channel,
    team,
  }: Pass): Promise<{ readonly incident: Incident; readonly rights: Rights } | HttpAnswer> {
    const person = { user, ...(channel === undefined ? {} : { channel }), ...(team === undefined ? {} : { team }) };
    const [incident, rights] = await Promise.all([unlessGone(parts.store.incidents.read(incidentId)), access.rightsOf(person)]);
    if (incident === undefined) return GONE;
    return rights.maySee(incident) ? { incident, rights } : WITHDRAWN;
  }

  async function withdraw(pass: Pass): Promise<void> {
    log.warn('a pass to the page of an incident was withdrawn', { incident: pass.incidentId });
    await passes.end(pass);
  }

  /** Keeps the key out of the address bar, of histories and of what is bookmarked. */
  async function receive({ params }: HttpRequest, incidentId: string): Promise<HttpAnswer> {
    const key = params['key'] ?? '';
    const invitation = await lookedUp(key, () => passes.invitation(key, incidentId));
    if ('status' in invitation) return invitation;
    const path = `${pagePath(incidentId)}/open`;
    return redirect(path, [setCookie({ name: 'imagepull-invitation', path, key, keptMs: INVITATION_MS, sameSite: 'Lax' }, isSecure)]);
  }

  async function offer({ headers }: HttpRequest, incidentId: string): Promise<HttpAnswer> {
    const key = readCookie(headers, 'imagepull-invitation', isSecure);
    const invitation = await lookedUp(key, () => passes.invitation(key, incidentId));
    if ('status' in invitation) return invitation;
    const form = { path: `${pagePath(incidentId)}/open`, label: 'Open incident' };
    const text = ['The link that you were given in Slack opens it once. It can then be read in this browser for 30 minutes.'];
    return pageAnswer(200, noticePage({ title: 'Open the page of an incident', text, form }));
  }

  async function open({ headers }: HttpRequest, incidentId: string): Promise<HttpAnswer> {
    // Browsers say so of themselves; the cookie is not sent with forms of other sites either.
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin')
      return noticeAnswer(403, 'This was sent by another page', 'Open the link from Slack again.');
    const key = readCookie(headers, 'imagepull-invitation', isSecure);
    const invitation = await lookedUp(key, () => passes.invitation(key, incidentId));
    if ('status' in invitation) return invitation;
    const found = await seen(invitation);
    if ('status' in found) {
      await withdraw(invitation);
      return found;
    }
    const opened = await passes.open(key, incidentId);
    if (opened === undefined) return NO_PASS;
    log.info('the page of an incident was opened', { incident: incidentId });
    const path = pagePath(incidentId);
    const visit = { name: 'imagepull-visit', key: opened.key, keptMs: VISIT_MS, sameSite: 'Strict' } as const;
    return redirect(path, [
      // Nothing below the one path is the other, so each needs a cookie.
      setCookie({ ...visit, path }, isSecure),
      setCookie({ ...visit, path: `${path}${MARKDOWN}` }, isSecure),
      setCookie({ name: 'imagepull-invitation', path: `${path}/open`, key: '', keptMs: 0, sameSite: 'Lax' }, isSecure),
    ]);
  }

  async function show({ headers, params }: HttpRequest, incidentId: string): Promise<HttpAnswer> {
    const visit = await lookedUp(readCookie(headers, 'imagepull-visit', isSecure), (key) => passes.visit(key, incidentId));
    if ('status' in visit) return visit;
    const answer = await visits.within(visit.id, async () => {
      const found = await seen(visit);
      if ('status' in found) {
        await withdraw(visit);
        return found;
      }
      const contents = contentsOf(await readDossier(found.incident, found.rights, parts));
      if (!(params['id'] ?? '').endsWith(MARKDOWN))
        return pageAnswer(200, incidentPage(contents, { markdownPath: `${pagePath(incidentId)}${MARKDOWN}` }));
      const headersOfFile = {
        'content-type': 'text/markdown; charset=utf-8',
        'content-disposition': `attachment; filename="incident-${incidentId}.md"`,
      };
      return { status: 200, body: markdownPage(contents), headers: { ...STRICT, ...headersOfFile } };
    });
    return 'kind' in answer ? TOO_MANY : answer;
  }

  return [
    { methods: ['GET'], path: '/incidents/:id', handle: guarded(show) },
    { methods: ['GET'], path: '/incidents/:id/open', handle: guarded(offer) },
    { methods: ['POST'], path: '/incidents/:id/open', handle: guarded(open), maxBytes: MAX_BYTES },
    { methods: ['GET'], path: '/incidents/:id/open/:key', handle: guarded(receive) },
  ];
}
