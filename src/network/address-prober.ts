import type { lookup as systemLookup } from 'node:dns';
import type { Socket } from 'node:net';
import type { AddressReport } from '../facts/endpoint.ts';
import type { NetworkProblem } from '../facts/registry-answer.ts';
import { deadline } from '../timing/deadline.ts';
import type { AddressGuard, Destination } from './address-guard.ts';
import { networkProblem } from './network-problem.ts';

/** Tries the addresses of a server by TCP. */
export interface AddressProber {
  /** All addresses of a name; a resolver that hangs is given up. */
  resolveName(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** All at the same time; where one is open, the others are not waited for as long. Open sockets are the caller's to close. */
  probeAll(addresses: readonly string[], to: Destination, signal: AbortSignal): Promise<readonly TriedAddress[]>;
}

/** One address that was tried; the socket is there where it is open. */
export interface TriedAddress {
  readonly report: AddressReport;
  readonly socket?: Socket;
}

/** `timeoutMs` is for each lookup and connection, `besideOpenMs` for the other addresses where one is open. */
export function createAddressProber(options: {
  readonly guard: AddressGuard;
  readonly resolve: typeof systemLookup;
  readonly connect: (to: { readonly host: string; readonly port: number }) => Socket;
  readonly timeoutMs: number;
  readonly besideOpenMs: number;
}): AddressProber {
  const { guard, resolve, connect, timeoutMs, besideOpenMs } = options;

  function resolveName(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const resolved = () =>
      new Promise<readonly string[]>((done, fail) =>
        resolve(name, { all: true }, (error, addresses) => (error ? fail(error) : done(addresses.map(({ address }) => address)))),
      );
    return deadline({ ms: timeoutMs, signal }, resolved);
  }

  async function probeAddress(address: string, to: Destination, signal: AbortSignal): Promise<TriedAddress> {
    const because = guard.refusal(address, to);
    if (because !== undefined) return { report: { address, status: 'refused-by-guard', because } };
    const started = performance.now();
    try {
      const socket = await dial(connect({ host: address, port: to.port }), timeoutMs, signal);
      return { report: { address, status: 'open', milliseconds: since(started) }, socket };
    } catch (error) {
      return { report: { address, status: addressStatus(networkProblem(error)), milliseconds: since(started) } };
    }
  }

  async function probeAll(addresses: readonly string[], to: Destination, signal: AbortSignal) {
    const enough = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const tried = await Promise.all(
      addresses.map(async (address) => {
        const result = await probeAddress(address, to, AbortSignal.any([signal, enough.signal]));
        if (result.socket)
          timer ??= setTimeout(() => enough.abort(new DOMException('another address is open', 'TimeoutError')), besideOpenMs);
        return result;
      }),
    );
    clearTimeout(timer);
    return tried;
  }

  return { resolveName, probeAll };
}

function dial(socket: Socket, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const connected = () =>
    new Promise<Socket>((resolve, reject) => {
      socket.once('connect', () => resolve(socket));
      socket.once('error', reject);
    });
  return deadline({ ms: timeoutMs, signal }, connected).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

function addressStatus(problem: NetworkProblem | undefined): AddressReport['status'] {
  switch (problem) {
    case 'connection-refused':
    case 'connection-reset':
    case 'timeout':
      return problem;
    default:
      return 'unreachable';
  }
}

/** Whole milliseconds since a time of `performance.now()`. */
export function since(started: number): number {
  return Math.round(performance.now() - started);
}
