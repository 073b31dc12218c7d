import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Deed } from '../../../src/demo/page/deed.ts';
import { EventStream } from '../../../src/demo/page/event-stream.ts';
import { type PageServer, servePage } from '../../../src/demo/page/page-server.ts';
import { eventually } from '../../support/eventually.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function serve(given: { readonly port?: number; readonly orAnyPort?: boolean; readonly host?: string } = {}) {
  const events = new EventStream();
  const deeds: Deed[] = [];
  const server: PageServer = await servePage({
    port: 0,
    orAnyPort: false,
    ...given,
    bundle: Promise.resolve({ script: 'script()', style: 'style{}' }),
    events,
    act: async (deed) => {
      deeds.push(deed);
      return { ok: true };
    },
  });
  stops.push(async () => {
    events.stop();
    await server.stop();
  });
  return { ...server, events, deeds };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks with any Host and Origin, which fetch does not let one choose. */
async function ask(
  url: string,
  given: { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Promise<Answer> {
  const sent = request(url, { method: given.method ?? 'GET', headers: given.headers ?? {} });
  sent.end(given.body);
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

const JSON_BODY = { 'content-type': 'application/json' };

describe('the server of the page', () => {
  it.runIf(process.platform === 'linux')(
    'listens on one address alone, and elsewhere only for those who came by a loopback name',
    async () => {
      const at = (url: string) => url.replace('127.0.0.1', '127.0.0.2');
      const alone = await serve();
      await expect(ask(at(alone.url))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      const { url } = await serve({ host: '0.0.0.0' });
      const { host, port } = new URL(url);
      expect((await ask(at(url))).status).toBe(403);
      for (const name of [host, `localhost:${port}`]) expect((await ask(at(url), { headers: { host: name } })).status).toBe(200);
      const origin = { host: `localhost:${port}`, origin: 'http://elsewhere.example' };
      expect((await ask(at(url), { headers: origin })).status).toBe(403);
    },
  );

  it('serves the page with a policy that lets nothing from elsewhere in', async () => {
    const { url } = await serve();
    const { status, headers, body } = await ask(url);
    expect(status).toBe(200);
    expect(body).toContain('src="page.js"');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|http|\*|data:/);
    expect((await ask(`${url}page.js`)).body).toBe('script()');
    expect((await ask(`${url}page.css`)).body).toBe('style{}');
  });

  it.each([
    ['another host, as after a rebinding of its name', { host: 'evil.example' }, 403],
    ['another port of this machine', { host: '127.0.0.1:1' }, 403],
    ['another site', { origin: 'https://evil.example' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
  ])('refuses what comes from %s', async (_, headers, status) => {
    const { url, deeds } = await serve();
    expect((await ask(url, { headers })).status).toBe(status);
    const body = JSON.stringify({ do: 'play' });
    expect((await ask(`${url}deeds`, { method: 'POST', headers: { ...JSON_BODY, ...headers }, body })).status).toBe(status);
    expect(deeds).toEqual([]);
  });

  it('answers nobody who does not know its key, and listens on loopback alone', async () => {
    const { url, deeds } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/);
    const { origin, pathname } = new URL(url);
    const wrong = `${origin}/${'x'.repeat(pathname.length - 2)}/`;
    for (const other of [`${origin}/`, `${origin}/page.js`, wrong, `${wrong}events`]) expect((await ask(other)).status).toBe(404);
    expect((await ask(`${wrong}deeds`, { method: 'POST', headers: JSON_BODY, body: '{"do":"play"}' })).status).toBe(404);
    expect(deeds).toEqual([]);
    expect((await serve()).url).not.toContain(pathname);
    // The rest of 127.0.0.0/8 stands for all other addresses of the machine.
    await expect(ask(url.replace('127.0.0.1', '127.0.0.2'))).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL|ETIMEDOUT/);
  });

  it('takes deeds that are some, and says what is wrong with others', async () => {
    const { url, deeds } = await serve();
    const post = (body: string, headers: Readonly<Record<string, string>> = JSON_BODY) =>
      ask(`${url}deeds`, { method: 'POST', headers, body });
    expect(await post('{"do":"play"}', { ...JSON_BODY, origin: new URL(url).origin })).toMatchObject({ status: 200, body: '{"ok":true}' });
    expect(deeds).toEqual([{ do: 'play' }]);
    expect(await post('{"do":"fly"}')).toMatchObject({ status: 400, body: expect.stringContaining('That is no deed: do ') });
    expect(await post('{"do":')).toMatchObject({ status: 400 });
    expect(await post('{"do":"run","speed":1e9}')).toMatchObject({ status: 400, body: expect.stringContaining('speed') });
    expect(await post('{"do":"play"}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await post(JSON.stringify({ do: 'begin', story: 'x'.repeat(70_000) }))).toMatchObject({ status: 413 });
    expect(await ask(`${url}deeds`, { method: 'PUT' })).toMatchObject({ status: 405 });
    expect(await ask(`${url}other`)).toMatchObject({ status: 404 });
    expect(deeds).toHaveLength(1);
  });

  it('says which port is taken, or takes another one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      await expect(serve({ port })).rejects.toMatchObject({
        code: 'usage/demo',
        message: `Port ${port} is taken. Give another one with --port, or --port 0 for any that is free.`,
      });
      expect(new URL((await serve({ port, orAnyPort: true })).url).port).not.toBe(String(port));
    } finally {
      other.close();
    }
  });
});

describe('its events', () => {
  /** Reads the stream until what has come has this; answers with all of it. */
  async function read(url: string, has: string, lastEventId?: string): Promise<string> {
    const ending = new AbortController();
    const response = await fetch(`${url}events`, {
      signal: ending.signal,
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes(has)) break;
    }
    ending.abort();
    return text;
  }

  it('are each part as it stands, and what has changed since to whoever comes back', async () => {
    const { url, events } = await serve();
    events.set('stage', { n: 1 });
    events.set('slack', { text: 'two\nlines' });
    const first = await read(url, 'slack');
    expect(first).toMatch(
      /^retry: \d+\n\nid: (\S+)-1\nevent: stage\ndata: \{"n":1\}\n\nid: \1-2\nevent: slack\ndata: \{"text":"two\\nlines"\}\n\n$/,
    );
    const id = /id: (\S+-2)/.exec(first)?.[1];
    events.set('stage', { n: 2 });
    const second = await read(url, '"n":2', id);
    expect(second).not.toContain('slack');
    // An id of another run is none of this one's.
    expect(await read(url, '"n":2', 'other-99')).toContain('slack');
  });

  it('come at once, and only where something has changed', async () => {
    const { url, events } = await serve();
    events.set('stage', { n: 1 });
    const reading = read(url, '"n":3');
    await eventually(() => expect(events.readers).toBe(1));
    events.set('stage', { n: 1 });
    events.set('stage', { n: 3 });
    expect((await reading).match(/^data:/gm)).toHaveLength(2);
    await eventually(() => expect(events.readers).toBe(0));
  });
});
