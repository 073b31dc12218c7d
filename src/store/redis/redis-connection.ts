import { once } from 'node:events';
import { Redis } from 'ioredis';
import { CodedError } from '../../errors.ts';

/** Who asks Redis; becomes the area of the error's code. */
export type RedisUser = 'store' | 'queue';

/** One connection to Redis, whose commands fail within two seconds instead of waiting for it, and which comes back by itself. */
export interface RedisConnection {
  readonly client: Redis;
  /**
   * Runs commands. Throws `store/unavailable` or `queue/unavailable` (retryable) when Redis does not answer, though it may
   * have done the work, `store/refused` or `queue/refused` when it will not do it, `config/redis` when it refuses the login.
   */
  ask<T>(user: RedisUser, commands: (client: Redis) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** How long a lost connection may take to come back before a command is given up. */
const READY_WAIT_MS = 500;
/** How long the very first connection may take beyond that, while nothing is known to be wrong: a process that starts on a busy machine. */
const FIRST_WAIT_MS = 10_000;
const COMMAND_LIMIT_MS = 1_400;
/** A socket that leaves a command without any answer for so long is replaced; a half-open one would stay for a quarter of an hour. */
const SOCKET_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 500;

/** Beginnings of replies that will be other ones later, without anybody changing a command. */
const PASSING = /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|BUSY|NOREPLICAS|ERR max number of clients)/;
const LOGIN_REFUSED = /^(?:WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/;

/**
 * Connects in the background. `onError` hears of an outage once, when it begins. Throws `config/redis` for an address that is
 * none; passwords are in no message.
 */
export function openRedis(url: string, options: { readonly onError?: (error: CodedError) => void } = {}): RedisConnection {
  const address = parseAddress(url);
  const client = new Redis(url, {
    connectionName: 'imagepull',
    commandTimeout: COMMAND_LIMIT_MS,
    socketTimeout: SOCKET_LIMIT_MS,
    connectTimeout: SOCKET_LIMIT_MS,
    retryStrategy: (times) => Math.min(25 * 2 ** times, 1_000),
    // What was reported as failed must not be done after all once Redis is back.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // After a failover the address leads to the new primary, and this connection still to the old one.
    reconnectOnError: ({ message }) => message.includes('READONLY'),
  });
  let opening: Promise<void> | undefined;
  let outage: string | undefined;
  let wasReady = false;
  let closing = false;

  client.on('ready', () => {
    wasReady = true;
    outage = undefined;
  });
  client.on('error', (error: Error) => broken(address.redact(wordsOf(error))));
  client.on('close', () => {
    if (!closing) broken(outage ?? 'the connection was lost');
  });

  function broken(because: string): void {
    const first = outage === undefined;
    outage = because;
    if (first) options.onError?.(unavailable('store', because));
  }

  function unavailable(user: RedisUser, because: string): CodedError {
    return new CodedError(
      `${user}/unavailable`,
      `Redis at ${address.where} does not answer: ${because}. Check that it runs and that REDIS_URL is right.`,
      { retryable: true },
    );
  }

  /** One wait for all who ask at the same time. */
  async function ready(): Promise<void> {
    if (client.status === 'ready') return;
    if (client.status === 'end') throw new Error('the connection was closed');
    opening ??= connected().finally(() => {
      opening = undefined;
    });
    await opening;
  }

  async function connected(): Promise<void> {
    try {
      await once(client, 'ready', { signal: AbortSignal.timeout(READY_WAIT_MS) });
    } catch (cause) {
      if (wasReady || outage !== undefined) throw cause;
      await once(client, 'ready', { signal: AbortSignal.timeout(FIRST_WAIT_MS) });
    }
  }

  /** Without the error itself as cause: a reply error of ioredis carries the command, and so the password of a login. */
  function errorOf(user: RedisUser, error: unknown): CodedError {
    const waited = error instanceof Error && error.name === 'AbortError';
    const words = waited ? (outage ?? `no connection within ${READY_WAIT_MS} ms`) : address.redact(wordsOf(error));
    if (LOGIN_REFUSED.test(words))
      return new CodedError('config/redis', `Redis at ${address.where} refuses the login that REDIS_URL gives: ${words}.`);
    const reply = error instanceof Error && error.name === 'ReplyError';
    if (reply && !PASSING.test(words)) return new CodedError(`${user}/refused`, `Redis at ${address.where} refused a command: ${words}.`);
    return unavailable(user, words);
  }

  return {
    client,
    async ask(user, commands) {
      try {
        await ready();
        return await commands(client);
      } catch (error) {
        throw errorOf(user, error);
      }
    },
    async close() {
      closing = true;
      if (client.status === 'end') return;
      const ended = once(client, 'end', { signal: AbortSignal.timeout(CLOSE_LIMIT_MS) });
      client.disconnect();
      await ended.catch(() => undefined); // it is cut off, whether or not it says so
    },
  };
}

/** Codes of OpenSSL for a chain of certificates that leads to nobody who is trusted. */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join(', ');
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && UNTRUSTED.has(error.code))
    return 'its certificate is of an authority that is not trusted (NODE_EXTRA_CA_CERTS=FILE adds one)';
  return error.message.replace(/\.$/, '');
}

interface RedisAddress {
  /** Host and port, as people are told. */
  readonly where: string;
  redact(text: string): string;
}

function parseAddress(text: string): RedisAddress {
  // The address itself is in no message: it may hold a password.
  const wrong = () =>
    new CodedError(
      'config/redis',
      'REDIS_URL is not an address of Redis. It looks like redis://user:password@host:6379/0, or rediss:// with TLS.',
    );
  if (!URL.canParse(text)) throw wrong();
  const url = new URL(text);
  if ((url.protocol !== 'redis:' && url.protocol !== 'rediss:') || url.hostname === '') throw wrong();
  const secrets = [url.password, decoded(url.password)].filter((secret) => secret !== '');
  return {
    where: `${url.hostname}:${url.port === '' ? '6379' : url.port}`,
    redact: (words) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), words),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone percent sign: what was written is what was meant
  }
}
