import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../src/registry/auth/www-authenticate.ts';

const plain = (header: string) => parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }]);

describe('a WWW-Authenticate header', () => {
  it.each<[string, unknown]>([
    ['', []],
    ['Basic', [['basic', {}]]],
    ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
      [['bearer', { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/nginx:pull' }]],
    ],
    ['BEARER  Realm = "x" ,  SERVICE= y', [['bearer', { realm: 'x', service: 'y' }]]],
    ['Bearer realm="a,b=c \\"d\\"",service=z', [['bearer', { realm: 'a,b=c "d"', service: 'z' }]]],
    [
      'Basic realm="r", Bearer realm="t",service="s"',
      [
        ['basic', { realm: 'r' }],
        ['bearer', { realm: 't', service: 's' }],
      ],
    ],
    [
      'Negotiate YIIB==, Basic realm="r"',
      [
        ['negotiate', {}],
        ['basic', { realm: 'r' }],
      ],
    ],
    [
      'Negotiate a/b+c, Basic',
      [
        ['negotiate', {}],
        ['basic', {}],
      ],
    ],
    [
      'Basic, Bearer realm=x',
      [
        ['basic', {}],
        ['bearer', { realm: 'x' }],
      ],
    ],
    ['Bearer realm=https://auth.example/token,service=x', [['bearer', { realm: 'https://auth.example/token', service: 'x' }]]],
    ['Bearer realm="cut off', [['bearer', { realm: 'cut off' }]]],
    ['Bearer realm="x",realm="y"', [['bearer', { realm: 'x' }]]],
    [', , = Bearer realm="x"', [['bearer', { realm: 'x' }]]],
    ['Bearer error="insufficient_scope",realm="x"', [['bearer', { error: 'insufficient_scope', realm: 'x' }]]],
    ['Bearer __proto__="x"', [['bearer', { ['__proto__']: 'x' }]]],
  ])('%s', (header, expected) => {
    expect(plain(header)).toEqual(expected);
  });

  it('is read as it was written, whatever the values', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}$/);
    const challenge = fc.record({ scheme: name, parameters: fc.dictionary(name, fc.string(), { minKeys: 1, maxKeys: 4 }) });
    const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 3 }), (challenges) => {
        const header = challenges
          .map(
            ({ scheme, parameters }) =>
              `${scheme} ${Object.entries(parameters)
                .map(([key, value]) => `${key}=${quoted(value)}`)
                .join(', ')}`,
          )
          .join(', ');
        expect(plain(header)).toEqual(challenges.map(({ scheme, parameters }) => [scheme, { ...parameters }]));
      }),
    );
  });

  it('never makes the parser throw, however broken', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', '=', ',', ' ', 'a', 'Bearer', 'é') }),
        (header) => void parseChallenges(header),
      ),
    );
    expect(parseChallenges('"'.repeat(1_000_000))).toEqual([]);
  });
});
