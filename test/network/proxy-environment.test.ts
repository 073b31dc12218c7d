import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Environment, type Route, routeTo } from '../../src/network/proxy-environment.ts';

const PROXY = 'http://proxy.example:3128';
const REGISTRY = { scheme: 'https', host: 'registry.example', port: 443 } as const;

function shown(route: Route): string {
  return route.kind === 'proxy' ? route.proxy.name : route.kind === 'direct' ? 'direct' : route.because;
}

describe('which proxy a server is reached through', () => {
  const cases: readonly (readonly [env: Environment, scheme: 'http' | 'https', wanted: string])[] = [
    [{}, 'https', 'direct'],
    [{ HTTPS_PROXY: '' }, 'https', 'direct'],
    [{ HTTPS_PROXY: PROXY }, 'https', 'proxy.example:3128'],
    [{ https_proxy: PROXY }, 'https', 'proxy.example:3128'],
    [{ HTTPS_PROXY: PROXY, https_proxy: 'http://other.example' }, 'https', 'proxy.example:3128'],
    [{ HTTPS_PROXY: '', https_proxy: 'http://other.example' }, 'https', 'other.example:80'],
    [{ HTTP_PROXY: PROXY }, 'https', 'direct'],
    [{ HTTP_PROXY: PROXY }, 'http', 'proxy.example:3128'],
    [{ HTTPS_PROXY: PROXY }, 'http', 'direct'],
    [{ ALL_PROXY: PROXY }, 'http', 'proxy.example:3128'],
    [{ all_proxy: PROXY }, 'https', 'proxy.example:3128'],
    [{ ALL_PROXY: 'http://other.example', HTTPS_PROXY: PROXY }, 'https', 'proxy.example:3128'],
    [{ HTTPS_PROXY: 'proxy.example:3128' }, 'https', 'proxy.example:3128'],
    [{ HTTPS_PROXY: 'proxy.example' }, 'https', 'proxy.example:80'],
    [{ HTTPS_PROXY: 'https://proxy.example' }, 'https', 'proxy.example:443'],
    [{ HTTPS_PROXY: 'http://[2001:db8::1]:3128' }, 'https', '[2001:db8::1]:3128'],
    [{ HTTPS_PROXY: 'socks5://proxy.example' }, 'https', 'HTTPS_PROXY names a socks5 proxy; only http and https proxies are used'],
    [{ all_proxy: 'http://:bad port' }, 'https', 'all_proxy is not the URL of a proxy'],
  ];
  it.each(cases)('%j for %s: %s', (env, scheme, wanted) => {
    expect(shown(routeTo({ ...REGISTRY, scheme }, env))).toBe(wanted);
  });
});

describe('what NO_PROXY leaves out', () => {
  const cases: readonly (readonly [noProxy: string, host: string, port: number, direct: boolean])[] = [
    ['*', 'registry.example', 443, true],
    ['registry.example', 'registry.example', 443, true],
    ['REGISTRY.example', 'registry.EXAMPLE.', 443, true],
    ['registry.example.', 'registry.example', 443, true],
    ['example', 'registry.example', 443, true],
    ['ry.example', 'registry.example', 443, false],
    ['.example', 'registry.example', 443, true],
    ['*.example', 'registry.example', 443, true],
    ['.registry.example', 'registry.example', 443, false],
    ['other.example, registry.example', 'registry.example', 443, true],
    ['other.example registry.example', 'registry.example', 443, true],
    ['registry.example:443', 'registry.example', 443, true],
    ['registry.example:5000', 'registry.example', 443, false],
    ['.example:5000', 'registry.example', 5000, true],
    ['10.0.0.0/8', '10.1.2.3', 443, true],
    ['10.0.0.0/8', '11.1.2.3', 443, false],
    ['10.0.0.0/8', 'registry.example', 443, false],
    ['10.0.0.0/99', '10.1.2.3', 443, false],
    ['2001:db8::/32', '[2001:db8::5]', 443, true],
    ['10.1.2.3', '10.1.2.3', 443, true],
    ['10.1.2.3:5000', '10.1.2.3', 443, false],
    ['10.1.2.3:5000', '10.1.2.3', 5000, true],
    ['2001:db8::5', '[2001:0db8::5]', 443, true],
    ['[2001:db8::5]:5000', '2001:db8::5', 5000, true],
    ['10.1.2', '10.1.2.3', 443, false],
    ['', 'registry.example', 443, false],
    [' , ,', 'registry.example', 443, false],
  ];
  it.each(cases)('%j with %s port %i: direct is %s', (NO_PROXY, host, port, direct) => {
    expect(routeTo({ scheme: 'https', host, port }, { HTTPS_PROXY: PROXY, NO_PROXY }).kind).toBe(direct ? 'direct' : 'proxy');
  });

  it('is read in lower case too, and any text of it is survived', () => {
    expect(routeTo(REGISTRY, { HTTPS_PROXY: PROXY, no_proxy: 'registry.example' }).kind).toBe('direct');
    fc.assert(
      fc.property(fc.string(), fc.string(), (NO_PROXY, HTTPS_PROXY) => {
        expect(['direct', 'proxy', 'unusable']).toContain(routeTo(REGISTRY, { HTTPS_PROXY, NO_PROXY }).kind);
      }),
    );
  });
});

it.each(['localhost', '127.0.0.1', '127.1', '[::1]'])('never asks %s through a proxy', (host) => {
  expect(routeTo({ ...REGISTRY, host }, { HTTPS_PROXY: PROXY }).kind).toBe('direct');
});

it('keeps user and password of a proxy for the one header that sends them', () => {
  const route = routeTo(REGISTRY, { HTTPS_PROXY: 'http://robot:canary%40pass%word@proxy.example:3128' });
  if (route.kind !== 'proxy') throw new Error('a proxy was expected');
  const header = route.proxy.authorization?.reveal() ?? '';
  expect(Buffer.from(header.replace('Basic ', ''), 'base64').toString()).toContain('robot:canary');
  for (const text of [JSON.stringify(route), inspect(route, { depth: 9 }), String(route.proxy.authorization)])
    expect(text).not.toMatch(/canary|robot|Basic/);
  expect(shown(routeTo(REGISTRY, { HTTPS_PROXY: 'socks5://robot:canary@proxy.example' }))).not.toMatch(/canary|robot/);
  expect(shown(routeTo(REGISTRY, { HTTPS_PROXY: 'http://robot:canary@bad host' }))).not.toMatch(/canary|robot/);
});
