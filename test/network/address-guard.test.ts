import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, isIP, type LookupFunction } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAddressGuard, type Destination, type GuardOptions, REFUSED_BY_GUARD } from '../../src/network/address-guard.ts';
import { literalAddress } from '../../src/network/ip-address.ts';

const named: Destination = { host: 'registry.example', port: 443, namedBy: 'image' };
const answered: Destination = { ...named, namedBy: 'answer' };
/** A guard that is asked about a server that an image names. */
const guardOf = (options: GuardOptions) => {
  const guard = createAddressGuard(options);
  return { refusal: (address: string) => guard.refusal(address, named), lookup: guard.lookup(named) };
};
const strict = guardOf({ allowLoopback: false });
const lenient = guardOf({ allowLoopback: true });

const METADATA = 'it is an address of a cloud metadata service';
const LOOPBACK = 'it is a loopback address, and --allow-loopback is not set';
const LINK_LOCAL = 'it is a link-local address';
const UNSPECIFIED = 'it is an unspecified address';
const MULTICAST = 'it is a multicast address';
const RESERVED = 'it is a reserved address';

describe('an address that is not connected to', () => {
  const refused: readonly (readonly [address: string, because: string])[] = [
    ['169.254.169.254', METADATA],
    ['100.100.100.200', METADATA],
    ['192.0.0.192', METADATA],
    ['168.63.129.16', METADATA],
    ['fd00:ec2::254', METADATA],
    ['fd00:0ec2:0000::23', METADATA],
    ['fd20:ce::254', METADATA],
    ['169.254.0.1', LINK_LOCAL],
    ['169.254.170.2', METADATA],
    ['169.254.255.255', LINK_LOCAL],
    ['fe80::1', LINK_LOCAL],
    ['fe80::a9fe:a9fe%eth0', LINK_LOCAL],
    ['febf:ffff::1', LINK_LOCAL],
    ['0.0.0.0', UNSPECIFIED],
    ['0.1.2.3', UNSPECIFIED],
    ['::', UNSPECIFIED],
    ['224.0.0.1', MULTICAST],
    ['239.255.255.255', MULTICAST],
    ['ff02::1', MULTICAST],
    ['255.255.255.255', 'it is the broadcast address'],
    ['240.0.0.1', RESERVED],
    ['127.0.0.1', LOOPBACK],
    ['127.255.255.254', LOOPBACK],
    ['::1', LOOPBACK],
    ['0:0:0:0:0:0:0:1', LOOPBACK],
    ['::ffff:169.254.169.254', `it stands for 169.254.169.254, and ${METADATA}`],
    ['::FFFF:A9FE:A9FE', `it stands for 169.254.169.254, and ${METADATA}`],
    ['::ffff:127.0.0.1', `it stands for 127.0.0.1, and ${LOOPBACK}`],
    ['::ffff:0:127.0.0.1', `it stands for 127.0.0.1, and ${LOOPBACK}`],
    ['::127.0.0.1', `it stands for 127.0.0.1, and ${LOOPBACK}`],
    ['::2', `it stands for 0.0.0.2, and ${UNSPECIFIED}`],
    ['64:ff9b::169.254.169.254', `it stands for 169.254.169.254, and ${METADATA}`],
    ['64:ff9b:1::a9fe:a9fe', `it stands for 169.254.169.254, and ${METADATA}`],
    ['2002:a9fe:a9fe::1', `it stands for 169.254.169.254, and ${METADATA}`],
    ['2002:7f00:1::', `it stands for 127.0.0.1, and ${LOOPBACK}`],
    ['', 'it is not an IP address'],
    ['registry.example', 'it is not an IP address'],
    ['127.1', 'it is not an IP address'],
    ['2130706433', 'it is not an IP address'],
    ['[::1]', 'it is not an IP address'],
    ['1.2.3.4:443', 'it is not an IP address'],
    ['1.2.3.4 ', 'it is not an IP address'],
    ['1::2::3', 'it is not an IP address'],
  ];
  it.each(refused)('%s: %s', (address, because) => {
    expect(strict.refusal(address)).toBe(because);
  });
});

it.each([
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '100.100.100.201',
  '168.63.129.17',
  '169.253.255.255',
  '169.255.0.0',
  '1.1.1.1',
  '126.255.255.255',
  '128.0.0.1',
  '223.255.255.255',
  'fd00:ec3::254',
  'fd12:3456::1',
  'fec0::1',
  '2001:db8::1',
  '::ffff:10.0.0.1',
  '64:ff9b::8.8.8.8',
  '64:ff9b:1:abcd::10.0.0.1',
  '64:ff9c::127.0.0.1',
  '2002:0a00:1::',
])('connects to %s, where a registry may live', (address) => {
  expect(strict.refusal(address)).toBeUndefined();
});

it('connects to loopback only where that is allowed, in whatever form it is written', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '64:ff9b::127.0.0.1']) {
    expect(lenient.refusal(address), address).toBeUndefined();
    expect(strict.refusal(address), address).toContain('loopback');
  }
  for (const address of ['169.254.169.254', '::ffff:169.254.169.254', '0.0.0.0', '::'])
    expect(lenient.refusal(address), address).toBeTypeOf('string');
});

describe('a server that no image names', () => {
  const guard = createAddressGuard({
    allowLoopback: true,
    allowPrivate: ['minio.corp.example', 'auth.corp.example:8443', '10.7.0.0/16', '192.168.1.5:5000', '*.mirror.example', '127.0.0.1:9000'],
  });
  const at = (host: string, port = 443): Destination => ({ host, port, namedBy: 'answer' });

  it.each([
    ['10.0.0.1', answered],
    ['172.16.0.1', answered],
    ['192.168.1.5', answered],
    ['100.64.0.1', answered],
    ['198.18.0.1', answered],
    ['192.0.0.8', answered],
    ['fd12:3456::1', answered],
    ['fec0::1', answered],
    ['::ffff:10.0.0.1', answered],
    ['64:ff9b::192.168.0.1', answered],
    ['127.0.0.1', answered],
    ['::1', answered],
    ['10.0.0.1', at('auth.corp.example', 443)],
    ['10.0.0.1', at('evil-minio.corp.example')],
    ['10.0.0.1', at('mirror.example')],
    ['192.168.1.5', at('192.168.1.5', 22)],
    ['169.254.169.254', at('minio.corp.example')],
  ])('is not connected to at %s, as %j', (address, to) => {
    expect(guard.refusal(address, to)).toBeTypeOf('string');
  });

  it.each([
    ['192.0.2.1', answered],
    ['2001:db8::1', answered],
    ['10.0.0.1', at('minio.corp.example')],
    ['10.0.0.1', at('MINIO.corp.example.', 9000)],
    ['10.0.0.1', at('auth.corp.example', 8443)],
    ['10.0.0.1', at('a.mirror.example')],
    ['10.7.9.9', answered],
    ['::ffff:10.7.9.9', answered],
    ['192.168.1.5', at('192.168.1.5', 5000)],
    ['127.0.0.1', at('127.0.0.1', 9000)],
    ['10.0.0.1', { ...answered, namedBy: 'operator' } as const],
    ['127.0.0.1', { ...answered, namedBy: 'operator' } as const],
  ])('is connected to at %s, as %j', (address, to) => {
    expect(guard.refusal(address, to)).toBeUndefined();
  });

  it('is told from one that the image names, which is kept to its networks where they are given', () => {
    const kept = createAddressGuard({ allowLoopback: false, privateNetworks: ['10.0.0.0/8', 'fd00::/8'] });
    expect(kept.refusal('10.1.2.3', named)).toBeUndefined();
    expect(kept.refusal('fd00::3', named)).toBeUndefined();
    expect(kept.refusal('192.0.2.3', named)).toBeUndefined();
    expect(kept.refusal('192.168.1.1', named)).toBe('it is a private address outside registries.privateNetworks');
    expect(kept.refusal('10.1.2.3', answered)).toContain('registries.allowPrivate');
    expect(kept.refusal('127.0.0.1', { ...named, namedBy: 'operator' })).toBeUndefined();
    expect(createAddressGuard({ allowLoopback: false, privateNetworks: [] }).refusal('10.1.2.3', named)).toBeTypeOf('string');
  });

  it('is judged by its name where a proxy resolves it, and by its address where that is its name', () => {
    expect(guard.refusalThroughProxy(named)).toBeUndefined();
    expect(guard.refusalThroughProxy(answered)).toContain('only the proxy knows its address');
    expect(guard.refusalThroughProxy(at('minio.corp.example'))).toBeUndefined();
    expect(guard.refusalThroughProxy(at('192.0.2.1'))).toBeUndefined();
    expect(guard.refusalThroughProxy(at('0x0a.1'))).toContain('private address');
    expect(guard.refusalThroughProxy({ ...named, host: '169.254.169.254' })).toBe(METADATA);
  });
});

describe('whatever the address', () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  const hex = (n: number) => n.toString(16);

  it('an IPv4 address is judged alike in every IPv6 form that leads to it', () => {
    fc.assert(
      fc.property(octets, ([a, b, c, d]) => {
        const plain = strict.refusal(`${a}.${b}.${c}.${d}`);
        const groups = `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
        for (const form of [`::ffff:${groups}`, `0:0:0:0:0:FFFF:${a}.${b}.${c}.${d}`, `64:ff9b::${groups}`, `2002:${groups}::1`]) {
          const because = strict.refusal(form);
          expect(because === undefined, form).toBe(plain === undefined);
          if (plain !== undefined) expect(because).toContain(plain);
        }
      }),
    );
  });

  it('no address of a forbidden range passes, and none right beside it is caught', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (b, c, d) => {
        for (const address of [`127.${b}.${c}.${d}`, `169.254.${c}.${d}`, `0.${b}.${c}.${d}`, `${224 + (b % 32)}.${b}.${c}.${d}`])
          expect(strict.refusal(address), address).toBeTypeOf('string');
        for (const address of [`10.${b}.${c}.${d}`, `192.168.${c}.${d}`, `172.${16 + (b % 16)}.${c}.${d}`, `126.${b}.${c}.${d}`])
          expect(strict.refusal(address), address).toBeUndefined();
      }),
    );
  });

  it('the answer does not depend on how an IPv6 address is spelt', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff), fc.constant(0xffff)), { minLength: 8, maxLength: 8 }), (groups) => {
        const long = groups.map((group) => hex(group).padStart(4, '0').toUpperCase()).join(':');
        const short = new URL(`http://[${long}]/`).hostname.slice(1, -1);
        expect(strict.refusal(long)).toBe(strict.refusal(short));
        expect(strict.refusal(`${short}%eth0`)).toBe(strict.refusal(short));
      }),
    );
  });

  it('any text is answered without throwing, and what is no address is refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4Extended(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.%]{0,45}$/)), (text) => {
        const because = strict.refusal(text);
        if (isIP(text.split('%')[0] ?? '') === 0) expect(because).toBe('it is not an IP address');
      }),
    );
  });
});

describe('the address in a host', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['0177.0.0.1', '127.0.0.1'],
    ['127.0.0.1.', '127.0.0.1'],
    ['１２７.0.0.1', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['127.1:5000', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['[::1]:5000', '::1'],
    ['[::FFFF:169.254.169.254]', '::ffff:a9fe:a9fe'],
    ['fe80::1%eth0', 'fe80::1'],
    ['registry.example', undefined],
    ['registry.example:5000', undefined],
    ['localhost', undefined],
    ['1.2.3.4.example', undefined],
    ['', undefined],
    ['not a host', undefined],
  ])('%s is %s', (host, address) => {
    expect(literalAddress(host)).toBe(address);
  });
});

/** A resolver that answers with these addresses, a list for each lookup; the last one stays. */
function resolverOf(...answers: readonly (readonly string[])[]): NonNullable<GuardOptions['resolve']> {
  let lookups = 0;
  const resolve = (_name: string, _options: unknown, callback: (error: Error | null, found: LookupAddress[]) => void) => {
    const found = answers[Math.min(lookups, answers.length - 1)] ?? [];
    lookups += 1;
    callback(
      null,
      found.map((address) => ({ address, family: isIP(address) })),
    );
  };
  // The cast leaves out the overloads of dns.lookup that the guard never calls.
  return resolve as NonNullable<GuardOptions['resolve']>;
}

interface LookedUp {
  readonly code?: string | undefined;
  readonly message?: string;
  readonly address?: string | LookupAddress[];
  readonly family?: number | undefined;
}

function lookUp(lookup: LookupFunction, options: Parameters<LookupFunction>[1]): Promise<LookedUp> {
  return new Promise((resolve) =>
    lookup('registry.example', options, (error, address, family) =>
      resolve(error ? { code: error.code, message: error.message } : { address, family }),
    ),
  );
}

describe('the lookup', () => {
  it('hands on the allowed addresses only, as a list or as the first of them', async () => {
    const resolve = resolverOf(['169.254.169.254', '10.0.0.5', '::ffff:127.0.0.1', '2001:db8::1']);
    const { lookup } = guardOf({ allowLoopback: false, resolve });
    expect(await lookUp(lookup, { all: true })).toEqual({
      address: [
        { address: '10.0.0.5', family: 4 },
        { address: '2001:db8::1', family: 6 },
      ],
    });
    expect(await lookUp(lookup, {})).toEqual({ address: '10.0.0.5', family: 4 });
  });

  it('fails with a code and the reason when no address is left', async () => {
    const { lookup } = guardOf({ allowLoopback: false, resolve: resolverOf(['169.254.169.254', '127.0.0.1']) });
    for (const options of [{}, { all: true }]) {
      expect(await lookUp(lookup, options)).toEqual({
        code: REFUSED_BY_GUARD,
        message: `registry.example is not connected to (169.254.169.254: ${METADATA})`,
      });
    }
    const empty = guardOf({ allowLoopback: false, resolve: resolverOf([]) });
    expect((await lookUp(empty.lookup, {})).message).toBe('registry.example is not connected to (it has no address)');
  });

  it('hands on the error of the resolver', async () => {
    const resolve = ((_name: string, _options: unknown, callback: (error: Error) => void) =>
      // The cast leaves out the overloads of dns.lookup that the guard never calls.
      callback(Object.assign(new Error('no such host'), { code: 'ENOTFOUND' }))) as NonNullable<GuardOptions['resolve']>;
    expect((await lookUp(guardOf({ allowLoopback: false, resolve }).lookup, {})).code).toBe('ENOTFOUND');
  });

  it('uses the real resolver for localhost, whose addresses pass only where loopback is allowed', async () => {
    const real = (lookup: LookupFunction) => new Promise((resolve) => lookup('localhost', {}, (error) => resolve(error?.code ?? 'passes')));
    expect(await real(strict.lookup)).toBe(REFUSED_BY_GUARD);
    expect(await real(lenient.lookup)).toBe('passes');
  });

  it('refuses a name that is rebound to loopback between two connections, and never opens the second', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    // The server's port is known only now. The cast is safe for a server that listens on TCP.
    const { port } = server.address() as AddressInfo;
    let accepted = 0;
    server.on('connection', () => {
      accepted += 1;
    });
    const open = async (allowLoopback: boolean) => {
      const socket = connect({
        host: 'rebound.example',
        port,
        lookup: guardOf({ allowLoopback, resolve: resolverOf(['127.0.0.1']) }).lookup,
      });
      const failed = once(socket, 'error').then(([error]: NodeJS.ErrnoException[]) => error?.code);
      const result = await Promise.race([failed, once(socket, 'connect').then(() => 'open')]);
      socket.destroy();
      return result;
    };
    expect(await open(true)).toBe('open');
    expect(await open(false)).toBe(REFUSED_BY_GUARD);
    expect(accepted).toBe(1);
    server.close();
    await once(server, 'close');
  });
});
