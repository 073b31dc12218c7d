import { setTimeout as pause } from 'node:timers/promises';
import type { SocketModeReceiver } from '@slack/bolt';
import { CodedError } from '../../errors.ts';
import type { Log } from '../../telemetry/log.ts';
import { deadline } from '../../timing/deadline.ts';
import { chatError } from '../error.ts';
import type { SlackNetwork } from './network.ts';

type Client = SocketModeReceiver['client'];

/** A connection that does not say hello within this is none. */
const HELLO_MS = 20_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Connected, and connected again whenever that ends. */
export interface SocketMode {
  isConnected(): boolean;
  stop(): Promise<void>;
}

/**
 * Connects, and keeps connected until stopped; `start` makes the first connection. The client's own reconnecting is off: it
 * gives up at the first failure of the network, as an error that nobody catches. Throws `chat/unavailable` where Slack cannot
 * be reached, and `config/slack` where it says no.
 */
export async function keepConnected(client: Client, network: SlackNetwork, start: () => Promise<unknown>, log: Log): Promise<SocketMode> {
  const stopped = new AbortController();
  let reconnecting = false;
  await connect(network, start);
  client.on('disconnected', () => {
    // An attempt that fails ends in the same event.
    if (stopped.signal.aborted || reconnecting) return;
    reconnecting = true;
    void reconnect().finally(() => {
      reconnecting = false;
    });
  });

  /** Slack ends connections now and then, so the first attempt is made at once. */
  async function reconnect(): Promise<void> {
    for (let pauseMs = 0; !stopped.signal.aborted; pauseMs = Math.min(Math.max(pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS)) {
      try {
        await pause(pauseMs, undefined, { signal: stopped.signal });
        // What the other end no longer answers stays open otherwise.
        network.cutWebSockets();
        return await connect(network, () => client.start());
      } catch (cause) {
        if (!stopped.signal.aborted) log.warn('Slack connection', { because: cause instanceof Error ? cause.message : String(cause) });
      }
    }
  }

  return {
    isConnected: () => !reconnecting && !stopped.signal.aborted,
    async stop() {
      stopped.abort();
      await client.disconnect();
      network.cutWebSockets();
    },
  };
}

async function connect(network: SlackNetwork, start: () => Promise<unknown>): Promise<void> {
  const error = () => unreachable(`the WebSocket does not open within ${HELLO_MS / 1000} s`);
  try {
    await deadline({ ms: HELLO_MS, error }, start);
  } catch (cause) {
    network.cutWebSockets();
    throw connectionError(cause, network.failure());
  }
}

/** The client says nothing at all where a WebSocket does not open. */
function connectionError(cause: unknown, failure: string | undefined): CodedError {
  if (cause instanceof CodedError) return cause;
  if (failure !== undefined) return unreachable(failure);
  if (cause === undefined) return unreachable('the WebSocket does not open; a proxy in between may not let WebSockets through');
  const { code, message } = chatError(cause);
  if (code === 'chat/unavailable') return new CodedError(code, message, { retryable: true });
  return new CodedError('config/slack', `Socket Mode does not start; check SLACK_APP_TOKEN and its scope connections:write: ${message}`);
}

function unreachable(why: string): CodedError {
  return new CodedError('chat/unavailable', `Slack cannot be reached: ${why}.`, { retryable: true });
}
