import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { App, ReceiverEvent } from '@slack/bolt';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createListener, type ListenerOptions } from '../../src/http/listener.ts';
import { HttpReceiver } from '../../src/slack/connection/http-receiver.ts';
import { SILENT } from '../../src/telemetry/log.ts';

const SECRET = 'signing-canary';
const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A receiver that hands what it takes to a function, which acknowledges at once unless given. */
async function open(given: Partial<ListenerOptions> & { process?: (event: ReceiverEvent) => Promise<void> } = {}) {
  const { process = (event: ReceiverEvent) => event.ack(), ...options } = given;
  const taken = vi.fn(process);
  const receiver = new HttpReceiver(SECRET);
  receiver.init({ processEvent: taken } as unknown as App);
  const listener = createListener({ name: 'public', log: SILENT, ...options });
  listener.route(receiver.route);
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  const stop = () => listener.stop();
  stops.push(stop);
  return { port, taken, stop };
}

function signed(body: string, type: string, { secret = SECRET, ageS = 0 } = {}): Record<string, string> {
  const timestamp = String(Math.trunc(Date.now() / 1000) - ageS);
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return { 'content-type': type, 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
}

async function post(port: number, body: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST', headers, body });
}

/** A request of which only the head and a byte have come. */
async function halfSent(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{');
  return socket;
}

describe('requests over HTTP', () => {
  it.each([
    ['JSON', '{"type":"event_callback"}', JSON_TYPE],
    ['a form', 'command=%2Fimagepull&text=help', FORM],
    ['JSON in a form', `payload=${encodeURIComponent('{"type":"block_actions"}')}`, FORM],
  ])('are taken as %s', async (_, body, type) => {
    const { port, taken } = await open();
    expect((await post(port, body, signed(body, type))).status).toBe(200);
    expect(taken).toHaveBeenCalledTimes(1);
  });

  it.each(['null', '[]', '"text"', '7', 'no json', ''])('are refused, and end nothing, when signed and holding %j', async (body) => {
    const { port, taken } = await open();
    expect((await post(port, body, signed(body, JSON_TYPE))).status).toBe(400);
    const inForm = `payload=${encodeURIComponent(body)}`;
    expect((await post(port, inForm, signed(inForm, FORM))).status).toBe(400);
    expect(taken).not.toHaveBeenCalled();
    expect((await post(port, '{}', signed('{}', JSON_TYPE))).status).toBe(200);
  });

  it('are refused when forged, replayed, unsigned, too large or elsewhere', async () => {
    const { port, taken } = await open();
    expect((await post(port, '{}', signed('{}', JSON_TYPE, { secret: 'forged' }))).status).toBe(401);
    expect((await post(port, '{}', signed('{}', JSON_TYPE, { ageS: 301 }))).status).toBe(401);
    expect((await post(port, '{}', signed('{"other":1}', JSON_TYPE))).status).toBe(401);
    expect((await post(port, '{}', { 'content-type': JSON_TYPE })).status).toBe(401);
    const large = JSON.stringify('x'.repeat(1024 * 1024));
    const status = await post(port, large, signed(large, JSON_TYPE)).then(
      (response) => response.status,
      () => 413, // cut off before the answer was read
    );
    expect(status).toBe(413);
    expect((await fetch(`http://127.0.0.1:${port}/slack/events`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/elsewhere`, { method: 'POST' })).status).toBe(404);
    expect(taken).not.toHaveBeenCalled();
  });

  it('answer the questions by which Slack tests an address', async () => {
    const { port } = await open();
    const body = '{"type":"url_verification","challenge":"abc"}';
    expect(await (await post(port, body, signed(body, JSON_TYPE))).json()).toEqual({ challenge: 'abc' });
    expect((await post(port, 'ssl_check=1', signed('ssl_check=1', FORM))).status).toBe(200);
  });

  it('get the acknowledgement as their answer', async () => {
    const { port } = await open({ process: (event) => event.ack({ options: [] }) });
    expect(await (await post(port, '{}', signed('{}', JSON_TYPE))).json()).toEqual({ options: [] });
  });

  it('are told about a failure, and end nothing', async () => {
    const { port } = await open({ process: () => Promise.reject(new Error('bug')) });
    expect((await post(port, '{}', signed('{}', JSON_TYPE))).status).toBe(500);
  });

  it('are cut off where they are not there whole in time', async () => {
    const { port, taken } = await open({ requestMs: 100 });
    const socket = await halfSent(port);
    socket.resume();
    await once(socket, 'close');
    expect(taken).not.toHaveBeenCalled();
  });
});

describe('a stop', () => {
  it('is not held up by half a request', async () => {
    const { port, stop } = await open({ stopMs: 50 });
    const socket = await halfSent(port);
    socket.resume();
    const closed = once(socket, 'close');
    await stop();
    await closed;
    await expect(fetch(`http://127.0.0.1:${port}/slack/events`)).rejects.toThrow();
  });

  it('lets a request end that is being answered', async () => {
    const going = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { port, stop } = await open({
      process: async (event) => {
        begun.resolve();
        await going.promise;
        await event.ack();
      },
    });
    const answer = post(port, '{}', { ...signed('{}', JSON_TYPE), connection: 'close' });
    await begun.promise;
    const stopped = stop();
    going.resolve();
    expect((await answer).status).toBe(200);
    await stopped;
  });
});
