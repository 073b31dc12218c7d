import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** What an app answered. */
export interface Ack {
  readonly payload: unknown;
}

/** What Slack sends through a socket. */
export type Envelope = 'slash_commands' | 'interactive' | 'events_api';

const MAX_SOCKETS = 10;

/** Socket Mode: the sockets that apps have opened, and what is delivered through them. */
export class Sockets {
  readonly #limitMs: number;
  readonly #server: WebSocketServer;
  readonly #open: WebSocket[] = [];
  readonly #waiting = new Map<string, (payload: unknown) => void>();
  #next = 0;
  #twice = false;

  /** `limitMs` is how long an app may take to acknowledge. */
  constructor(server: Server, limitMs: number) {
    this.#limitMs = limitMs;
    this.#server = new WebSocketServer({ server, path: '/socket' });
    this.#server.on('connection', (socket) => this.#accept(socket));
  }

  get connected(): number {
    return this.#open.length;
  }

  /** Sends an envelope to one of the sockets and waits for its ack. */
  async deliver(type: Envelope, payload: object): Promise<Ack> {
    const id = randomUUID();
    const copies = this.#twice ? 2 : 1;
    this.#twice = false;
    const acked = Promise.race([
      new Promise<unknown>((resolve) => this.#waiting.set(id, resolve)),
      new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Error(`no ack of ${type} within ${this.#limitMs} ms`)), this.#limitMs).unref();
      }),
    ]);
    for (let copy = 0; copy < copies; copy++) {
      const socket = this.#open[this.#next++ % Math.max(1, this.#open.length)];
      if (!socket) throw new Error('no app is connected');
      const retry = type === 'events_api' ? { retry_attempt: copy, retry_reason: copy > 0 ? 'timeout' : '' } : {};
      socket.send(JSON.stringify({ envelope_id: id, type, payload, accepts_response_payload: true, ...retry }));
    }
    const answer = await acked;
    this.#waiting.delete(id);
    return { payload: answer };
  }

  /** The next delivery comes twice. */
  deliverTwice(): void {
    this.#twice = true;
  }

  /** Cuts all sockets, as Slack does when it refreshes them. */
  disconnect(): void {
    for (const socket of this.#open) {
      socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested', debug_info: {} }));
      socket.close();
    }
  }

  stop(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #accept(socket: WebSocket): void {
    if (this.#open.length >= MAX_SOCKETS) {
      socket.close(1008, 'too_many_websockets');
      return;
    }
    this.#open.push(socket);
    socket.send(JSON.stringify({ type: 'hello', num_connections: this.#open.length, connection_info: { app_id: 'A0' } }));
    socket.on('message', (data) => {
      const { envelope_id: id, payload } = JSON.parse(String(data)) as { envelope_id: string; payload?: unknown };
      this.#waiting.get(id)?.(payload);
    });
    socket.on('close', () => this.#open.splice(this.#open.indexOf(socket), 1));
  }
}
