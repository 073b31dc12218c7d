import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Keeps the program from connecting to addresses that no registry has but an attacker may want asked: whoever may create
 * a pod writes the host of an image reference, and a DNS name may point anywhere and change between two lookups.
 */
export interface AddressGuard {
  /**
   * Why an IP address is not connected to, as a sentence part (`it is a link-local address`); undefined when it may be
   * connected to. Private addresses may: registries live there.
   */
  refusal(address: string): string | undefined;
  /**
   * For `net.connect`, `tls.connect` and `http.request`: resolves a name and hands on only addresses that may be
   * connected to, so that the address checked is the address used. Node does not call it for a host that is an IP
   * address; check those with `refusal` and `literalAddress`. Fails with code `EADDRREFUSED_BY_GUARD` if none is left.
   */
  readonly lookup: LookupFunction;
}

/** The code of the error that the guard's lookup fails with when every address of a name is refused. */
export const REFUSED_BY_GUARD = 'EADDRREFUSED_BY_GUARD';

/** How a guard decides and asks; `resolve` stands in for `dns.lookup`. */
export interface GuardOptions {
  readonly allowLoopback: boolean;
  readonly resolve?: typeof systemLookup;
}

/** The IP address that a URL's or image's host is, in its normal form: `127.1` and `[::1]:443` are addresses, a name is undefined. */
export function literalAddress(host: string): string | undefined {
  if (isIP(host) !== 0) return withoutZone(host);
  // The URL parser reads what an HTTP client would: octal, hexadecimal and short forms, full-width digits, a dot at the end.
  const written = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, '') : '';
  return isIP(written) === 0 ? undefined : written;
}

/** A guard; see AddressGuard. */
export function createAddressGuard({ allowLoopback, resolve = systemLookup }: GuardOptions): AddressGuard {
  function refusal(address: string): string | undefined {
    const bare = withoutZone(address);
    const family = isIP(bare);
    if (family === 0) return 'it is not an IP address';
    if (family === 4) return refusalOf(bare, 'ipv4', allowLoopback);
    const inner = innerIPv4(bare);
    if (inner === undefined) return refusalOf(bare, 'ipv6', allowLoopback);
    const because = refusalOf(inner, 'ipv4', allowLoopback);
    return because === undefined ? undefined : `it stands for ${inner}, and ${because}`;
  }

  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => refusal(address) === undefined);
      const [first] = allowed;
      if (!first) return callback(refusedError(hostname, addresses[0]?.address, refusal), []);
      // Node asks for all addresses when it races IPv6 and IPv4, and for one otherwise.
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };

  return { refusal, lookup };
}

/** One reason and the addresses it holds for. */
interface Range {
  readonly because: string;
  readonly block: BlockList;
  readonly loopback?: true;
}

/** First range that holds the address wins, so a metadata address is called that although it is link-local too. */
const RANGES: readonly Range[] = [
  // AWS, Google, Azure and others 169.254.169.254; credentials of ECS tasks and EKS pods 169.254.170.2 and .23; Alibaba
  // Cloud 100.100.100.200; Oracle Cloud 192.0.0.192; Azure's wire server 168.63.129.16; AWS's instance services fd00:ec2::/32;
  // Google fd20:ce::254.
  range(
    'it is an address of a cloud metadata service',
    '169.254.169.254/32',
    '169.254.170.2/32',
    '169.254.170.23/32',
    '100.100.100.200/32',
    '192.0.0.192/32',
    '168.63.129.16/32',
    'fd00:ec2::/32',
    'fd20:ce::254/128',
  ),
  { ...range('it is a loopback address, and --allow-loopback is not set', '127.0.0.0/8', '::1/128'), loopback: true },
  // https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
  range('it is a link-local address', '169.254.0.0/16', 'fe80::/10'),
  range('it is an unspecified address', '0.0.0.0/8', '::/128'),
  range('it is a multicast address', '224.0.0.0/4', 'ff00::/8'),
  range('it is the broadcast address', '255.255.255.255/32'),
  range('it is a reserved address', '240.0.0.0/4'),
];

function range(because: string, ...subnets: readonly string[]): Range {
  const block = new BlockList();
  for (const subnet of subnets) {
    const slash = subnet.indexOf('/');
    const network = subnet.slice(0, slash);
    block.addSubnet(network, Number(subnet.slice(slash + 1)), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return { because, block };
}

function refusalOf(address: string, family: 'ipv4' | 'ipv6', allowLoopback: boolean): string | undefined {
  const found = RANGES.find(({ block }) => block.check(address, family));
  return found === undefined || (found.loopback && allowLoopback) ? undefined : found.because;
}

/** A zone (`fe80::1%eth0`) only says through which interface; what is judged is the address. */
function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent < 0 ? address : address.slice(0, percent);
}

/**
 * The IPv4 address that an IPv6 address leads to: mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96), compatible
 * (::/96), NAT64 (64:ff9b::/96 and 64:ff9b:1::/48, RFC 6052 and 8215) or 6to4 (2002::/16).
 */
function innerIPv4(address: string): string | undefined {
  const [a, b, c, d, e, f, g = 0, h = 0] = groupsOf(address);
  const zero = (...groups: readonly (number | undefined)[]) => groups.every((group) => group === 0);
  if (zero(a, b, c, d) && ((e === 0 && f === 0xffff) || (e === 0xffff && f === 0))) return dotted(g, h);
  if (a === 0x64 && b === 0xff9b && (zero(c, d, e, f) || c === 1)) return dotted(g, h);
  if (a === 0x2002) return dotted(b ?? 0, c ?? 0);
  // :: and ::1 are IPv6's own.
  if (zero(a, b, c, d, e, f) && (g !== 0 || h > 1)) return dotted(g, h);
  return undefined;
}

/** The eight groups of an IPv6 address; the URL parser turns a dotted end into groups. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const before = numbers(head);
  if (tail === undefined) return before;
  const after = numbers(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

function refusedError(hostname: string, address: string | undefined, refusal: AddressGuard['refusal']): NodeJS.ErrnoException {
  const because = address === undefined ? 'it has no address' : `${address}: ${refusal(address)}`;
  return Object.assign(new Error(`${hostname} is not connected to (${because})`), { code: REFUSED_BY_GUARD });
}
