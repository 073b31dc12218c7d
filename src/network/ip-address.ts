import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../facts/loopback.ts';

/** The IP address that a URL's or image's host is, in its normal form: `127.1` and `[::1]:443` are addresses, a name is undefined. */
export function literalAddress(host: string): string | undefined {
  if (isIP(host) !== 0) return withoutZone(host);
  // The URL parser reads what an HTTP client would: octal, hexadecimal and short forms, full-width digits, a dot at the end.
  const written = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`).hostname.replace(/^\[|\]$/g, '') : '';
  return isIP(written) === 0 ? undefined : written;
}

/** An address as it is judged: without a zone, and IPv4 where an IPv6 form leads to it; undefined when it is no IP address. */
export interface JudgedAddress {
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  /** Set where the address was given in an IPv6 form. */
  readonly standsFor?: true;
}

/** The address that is reached by an address. */
export function judgedAddress(given: string): JudgedAddress | undefined {
  const bare = withoutZone(given);
  const family = isIP(bare);
  if (family === 0) return undefined;
  if (family === 4) return { address: bare, family: 'ipv4' };
  const inner = innerIPv4(bare);
  return inner === undefined ? { address: bare, family: 'ipv6' } : { address: inner, family: 'ipv4', standsFor: true };
}

/** What an address is for, as far as that decides whether it may be asked. `forbidden`: nothing that anybody should be led to. */
export type AddressKind =
  | { readonly kind: 'forbidden'; readonly because: string }
  | { readonly kind: 'loopback' }
  | { readonly kind: 'private' }
  | { readonly kind: 'public' };

/** The kind of an address that was judged. */
export function addressKind({ address, family }: JudgedAddress): AddressKind {
  const because = FORBIDDEN.find(({ block }) => block.check(address, family))?.because;
  // A metadata address is called that although it is private too.
  if (because !== undefined) return { kind: 'forbidden', because };
  if (isLoopback(address)) return { kind: 'loopback' };
  return { kind: PRIVATE.check(address, family) ? 'private' : 'public' };
}

/** First range that holds the address wins. */
const FORBIDDEN: readonly { readonly because: string; readonly block: BlockList }[] = [
  // AWS, Google, Azure and others 169.254.169.254; credentials of ECS tasks and EKS pods 169.254.170.2 and .23; Alibaba
  // Cloud 100.100.100.200; Oracle Cloud 192.0.0.192; Azure's wire server 168.63.129.16; AWS's instance services fd00:ec2::/32;
  // Google fd20:ce::254.
  {
    because: 'it is an address of a cloud metadata service',
    block: blockOf(
      '169.254.169.254/32',
      '169.254.170.2/32',
      '169.254.170.23/32',
      '100.100.100.200/32',
      '192.0.0.192/32',
      '168.63.129.16/32',
      'fd00:ec2::/32',
      'fd20:ce::254/128',
    ),
  },
  // https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
  { because: 'it is a link-local address', block: blockOf('169.254.0.0/16', 'fe80::/10') },
  { because: 'it is an unspecified address', block: blockOf('0.0.0.0/8', '::/128') },
  { because: 'it is a multicast address', block: blockOf('224.0.0.0/4', 'ff00::/8') },
  { because: 'it is the broadcast address', block: blockOf('255.255.255.255/32') },
  { because: 'it is a reserved address', block: blockOf('240.0.0.0/4') },
];

/** RFC 1918, carrier-grade NAT (RFC 6598), protocol assignments, benchmarks (RFC 2544), unique local (RFC 4193) and site-local addresses. */
const PRIVATE = blockOf(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '192.0.0.0/24',
  '198.18.0.0/15',
  'fc00::/7',
  'fec0::/10',
);

function blockOf(...subnets: readonly string[]): BlockList {
  const block = new BlockList();
  for (const subnet of subnets) {
    const slash = subnet.indexOf('/');
    const network = subnet.slice(0, slash);
    block.addSubnet(network, Number(subnet.slice(slash + 1)), network.includes(':') ? 'ipv6' : 'ipv4');
  }
  return block;
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
