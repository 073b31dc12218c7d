import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isListed } from './host-list.ts';
import { addressKind, judgedAddress, literalAddress } from './ip-address.ts';

/**
 * Who named a server. `image`: the image reference, whose registry the node asks as well, or what is known of that registry's family.
 * `answer`: somebody's answer, such as a redirect, the realm of a token server, or an error message. `operator`: whoever runs
 * imagepull, as a proxy or in the configuration.
 */
export type NamedBy = 'image' | 'answer' | 'operator';

/** A server that is to be connected to. `host` is a name, or an address without brackets. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly namedBy: NamedBy;
}

/**
 * Keeps the program from being used to ask what its user could not: whoever may create a pod writes the host of an image reference,
 * a registry of theirs answers with further hosts, and a DNS name may point anywhere and change between two lookups.
 */
export interface AddressGuard {
  /** Why an IP address is not connected to, as a sentence part (`it is a link-local address`); undefined when it may be. */
  refusal(address: string, to: Destination): string | undefined;
  /** The same for a server that a proxy resolves and connects to: it is judged by its name, or by the address that it is named by. */
  refusalThroughProxy(to: Destination): string | undefined;
  /**
   * For `net.connect`, `tls.connect` and `http.request`: resolves a name and hands on only addresses that may be
   * connected to, so that the address checked is the address used. Node does not call it for a host that is an IP
   * address; check those with `refusal` and `literalAddress`. Fails with code `EADDRREFUSED_BY_GUARD` if none is left.
   */
  lookup(to: Destination): LookupFunction;
}

/** The code of the error that the guard's lookup fails with when every address of a name is refused. */
export const REFUSED_BY_GUARD = 'EADDRREFUSED_BY_GUARD';

/** Which servers may be asked besides public ones; see docs/decisions/0017. */
export interface EgressOptions {
  /** Lets loopback addresses be asked: those that an image names, and others as far as `allowPrivate` lists them. */
  readonly allowLoopback: boolean;
  /** CIDR ranges in which the registry of an image may have a private address; absent means any. */
  readonly privateNetworks?: readonly string[] | undefined;
  /** Hosts, `host:port` and CIDR ranges that may be asked at private addresses though the image does not name them. */
  readonly allowPrivate?: readonly string[] | undefined;
}

/** How a guard decides and asks; `resolve` stands in for `dns.lookup`. */
export interface GuardOptions extends EgressOptions {
  readonly resolve?: typeof systemLookup | undefined;
}

/** A guard; see AddressGuard. */
export function createAddressGuard(options: GuardOptions): AddressGuard {
  const { allowLoopback, privateNetworks, allowPrivate = [], resolve = systemLookup } = options;

  function refusal(given: string, to: Destination): string | undefined {
    const judged = judgedAddress(given);
    if (!judged) return 'it is not an IP address';
    const because = refusalOf(judged, to);
    return because === undefined || !judged.standsFor ? because : `it stands for ${judged.address}, and ${because}`;
  }

  function refusalOf(judged: NonNullable<ReturnType<typeof judgedAddress>>, to: Destination): string | undefined {
    const found = addressKind(judged);
    switch (found.kind) {
      case 'forbidden':
        return found.because;
      case 'loopback':
        if (!allowLoopback && to.namedBy !== 'operator') return 'it is a loopback address, and --allow-loopback is not set';
        return mayBeAsked(to, judged.address) ? undefined : `it is a loopback address that ${UNLISTED}`;
      case 'private':
        if (to.namedBy === 'image' && privateNetworks && !isListed(privateNetworks, { ...to, address: judged.address }))
          return 'it is a private address outside registries.privateNetworks';
        return mayBeAsked(to, judged.address) ? undefined : `it is a private address that ${UNLISTED}`;
      case 'public':
        return undefined;
      default:
        return found satisfies never;
    }
  }

  function mayBeAsked(to: Destination, address?: string): boolean {
    return to.namedBy !== 'answer' || isListed(allowPrivate, { ...to, address });
  }

  return {
    refusal,
    refusalThroughProxy(to) {
      const literal = literalAddress(to.host);
      if (literal !== undefined) return refusal(literal, to);
      return mayBeAsked(to) ? undefined : `only the proxy knows its address, and it is a host that ${UNLISTED}`;
    },
    lookup: (to) => (hostname, how, callback) => {
      resolve(hostname, { ...how, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const allowed = addresses.filter(({ address }) => refusal(address, to) === undefined);
        const [first] = allowed;
        if (!first) {
          const [refused] = addresses;
          const because = refused ? `${refused.address}: ${refusal(refused.address, to)}` : 'it has no address';
          return callback(refusedError(hostname, because), []);
        }
        // Node asks for all addresses when it races IPv6 and IPv4, and for one otherwise.
        if (how.all === true) return callback(null, allowed);
        callback(null, first.address, first.family);
      });
    },
  };
}

const UNLISTED = 'the image does not name and registries.allowPrivate (--allow-private) does not list';

function refusedError(hostname: string, because: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} is not connected to (${because})`), { code: REFUSED_BY_GUARD });
}
