import { describe, expect, it } from 'vitest';
import { lookUp } from '../../../src/diagnosis/secret/keyring.ts';
import { readPullSecret } from '../../../src/diagnosis/secret/pull-secret.ts';
import { Secret } from '../../../src/facts/kubernetes/kubernetes-object.ts';

const base64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const secret = (name: string, keys: readonly string[], password = (key: string) => `password of ${key}`) =>
  readPullSecret(
    Secret.parse({
      metadata: { name },
      type: 'kubernetes.io/dockerconfigjson',
      data: {
        '.dockerconfigjson': base64({
          auths: Object.fromEntries(keys.map((key) => [key, { username: 'robot', password: password(key) }])),
        }),
      },
    }),
  );

const MATCH = 'matches';
const UNREADABLE = 'the kubelet cannot read it as an address and passes it over';
const HUB = "Docker Hub's key is https://index.docker.io/v1/";

/** key, image, what comes of it: a match, or the rule that is broken. */
const ROWS: readonly (readonly [key: string, image: string, outcome: string])[] = [
  // The host as it is.
  ['registry.example', 'registry.example/shop/web:1', MATCH],
  ['https://registry.example', 'registry.example/shop/web:1', MATCH],
  ['http://registry.example', 'registry.example/shop/web:1', MATCH],
  ['https://registry.example/', 'registry.example/shop/web:1', MATCH],
  ['registry.example/', 'registry.example/shop/web:1', MATCH],
  ['registry.example', 'registry.example/web', MATCH],
  ['registry.example', `registry.example/web@sha256:${'a'.repeat(64)}`, MATCH],
  ['registry.example', 'other.example/web:1', 'the host differs: "registry" is not "other" of other.example'],
  ['registry.example', 'registry.example.org/web:1', 'the host registry.example has 2 parts between dots, registry.example.org has 3'],
  ['example', 'registry.example/web:1', 'the host example has 1 part between dots, registry.example has 2'],
  ['Registry.example', 'registry.example/web:1', 'the host differs: "Registry" is not "registry"'],
  ['registry.example.', 'registry.example/web:1', 'the host registry.example. has 3 parts between dots'],
  // Ports are compared as text.
  ['registry.example:5000', 'registry.example:5000/web:1', MATCH],
  ['https://registry.example:5000', 'registry.example:5000/web:1', MATCH],
  ['registry.example', 'registry.example:5000/web:1', 'the port differs: the key has none, the image 5000'],
  ['registry.example:5000', 'registry.example/web:1', 'the port differs: the key has 5000, the image none'],
  ['registry.example:443', 'registry.example/web:1', 'the port differs: the key has 443, the image none'],
  ['https://registry.example:443', 'registry.example/web:1', 'the port differs: the key has 443, the image none'],
  ['registry.example', 'registry.example:443/web:1', 'the port differs: the key has none, the image 443'],
  ['registry.example:5000', 'registry.example:5001/web:1', 'the port differs: the key has 5000, the image 5001'],
  ['registry.example:05000', 'registry.example:5000/web:1', 'the port differs: the key has 05000, the image 5000'],
  ['127.0.0.1', '127.0.0.1:5001/team/app:1', 'the port differs: the key has none, the image 5001'],
  ['127.0.0.1:5001', '127.0.0.1:5001/team/app:1', MATCH],
  ['localhost:5000', 'localhost:5000/app:1', MATCH],
  ['[2001:db8::1]:5000', '[2001:db8::1]:5000/app:1', MATCH],
  // The path is a plain prefix, with no regard for its parts.
  ['registry.example/shop', 'registry.example/shop/web:1', MATCH],
  ['registry.example/shop/', 'registry.example/shop/web:1', MATCH],
  ['registry.example/shop/web', 'registry.example/shop/web:1', MATCH],
  ['registry.example/sho', 'registry.example/shop/web:1', MATCH],
  ['quay.io/cor', 'quay.io/coreos/etcd:1', MATCH],
  ['registry.example/tools', 'registry.example/shop/web:1', "the image's path /shop/web does not start with the key's path /tools"],
  ['registry.example/shop/web/', 'registry.example/shop/web:1', "the image's path /shop/web does not start with the key's path /shop/web/"],
  ['registry.example/shop/web:1', 'registry.example/shop/web:1', "does not start with the key's path /shop/web:1"],
  ['registry.example/Shop', 'registry.example/shop/web:1', "does not start with the key's path /Shop"],
  ['registry.example/*', 'registry.example/shop/web:1', "does not start with the key's path /*"],
  ['registry.example:5000/shop', 'registry.example:5000/shop/web:1', MATCH],
  // /v1/ and /v2/ are dropped with the slash behind them, and only so.
  ['https://registry.example/v1/', 'registry.example/shop/web:1', MATCH],
  ['https://registry.example/v2/', 'registry.example/shop/web:1', MATCH],
  ['https://registry.example/v2/shop', 'registry.example/shop/web:1', MATCH],
  ['https://registry.example/v1', 'registry.example/shop/web:1', "does not start with the key's path /v1"],
  ['https://registry.example/v2', 'registry.example/shop/web:1', "does not start with the key's path /v2"],
  ['https://registry.example/v3/', 'registry.example/shop/web:1', "does not start with the key's path /v3/"],
  ['https://registry.example/v2', 'registry.example/v2/web:1', MATCH],
  ['https://registry.example/v1/v2/', 'registry.example/shop/web:1', "does not start with the key's path /v2/"],
  // Wildcards stand for (part of) one label.
  ['*.example', 'registry.example/web:1', MATCH],
  ['*.example', 'a.b.example/web:1', 'the host *.example has 2 parts between dots, a.b.example has 3, and * never crosses a dot'],
  ['*', 'registry.example/web:1', 'the host * has 1 part between dots, registry.example has 2'],
  ['reg*.example', 'registry.example/web:1', MATCH],
  // A question mark begins a query, so it never gets as far as being a wildcard.
  ['reg?stry.example', 'registry.example/web:1', 'the host reg has 1 part between dots'],
  ['*gist*.example', 'registry.example/web:1', MATCH],
  ['*reg*reg*.example', 'registry.example/web:1', 'the host differs'],
  ['reg*registry.example', 'registry.example/web:1', 'the host differs'],
  ['**.example', 'registry.example/web:1', MATCH],
  // Go's patterns have sets and escapes, and Go's URLs have no place for them.
  ['registry[1-3].example', 'registry2.example/web:1', UNREADABLE],
  ['[r]egistry.example', 'registry.example/web:1', UNREADABLE],
  ['registr\\y.example', 'registry.example/web:1', UNREADABLE],
  ['123456789012.dkr.ecr.*.amazonaws.com', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1', MATCH],
  ['*.dkr.ecr.*.amazonaws.com', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1', MATCH],
  ['*.dkr.ecr.*.amazonaws.com', '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app:1', 'parts between dots'],
  ['*.azurecr.io', 'shop.azurecr.io/app:1', MATCH],
  ['registry.example:*', 'registry.example:5000/web:1', UNREADABLE],
  ['*:5000', 'registry:5000/web:1', MATCH],
  // Docker Hub.
  ['https://index.docker.io/v1/', 'nginx', MATCH],
  ['https://index.docker.io/v1/', 'library/nginx:1', MATCH],
  ['https://index.docker.io/v1/', 'docker.io/library/nginx:1', MATCH],
  ['https://index.docker.io/v1/', 'index.docker.io/library/nginx:1', MATCH],
  ['https://index.docker.io/v2/', 'shop/web:1', MATCH],
  ['index.docker.io', 'shop/web:1', MATCH],
  ['docker.io', 'nginx', MATCH],
  ['https://docker.io/v1/', 'nginx', MATCH],
  ['docker.io/library', 'nginx', MATCH],
  ['docker.io/shop', 'shop/web:1', MATCH],
  ['docker.io/shop', 'nginx', "the image's path /library/nginx does not start with the key's path /shop"],
  ['https://index.docker.io/v1', 'nginx', `without a slash at its end the kubelet takes /v1 for a repository path; ${HUB}`],
  ['https://index.docker.io/v2', 'nginx', `without a slash at its end the kubelet takes /v2 for a repository path; ${HUB}`],
  ['registry-1.docker.io', 'nginx', `the kubelet never looks under registry-1.docker.io; ${HUB}`],
  ['https://registry-1.docker.io/v2/', 'nginx', `the kubelet never looks under registry-1.docker.io; ${HUB}`],
  ['hub.docker.com', 'nginx', `the kubelet never looks under hub.docker.com; ${HUB}`],
  ['index.docker.io/shop', 'shop/web:1', 'the host index.docker.io has 3 parts between dots, docker.io has 2'],
  // Names whose first part is no host by docker's old rule may use Docker Hub's login.
  ['index.docker.io', 'localhost/app:1', MATCH],
  ['index.docker.io', 'localhost:5000/app:1', 'the port differs'],
  ['index.docker.io', 'registry.example/app:1', 'the host index.docker.io has 3 parts between dots'],
  // What people paste.
  ['https://user@registry.example', 'registry.example/web:1', MATCH],
  ['https://user:pass@word@registry.example', 'registry.example/web:1', MATCH],
  ['us er@registry.example', 'registry.example/web:1', UNREADABLE],
  ['https://registry.example?service=x', 'registry.example/web:1', MATCH],
  ['https://registry.example/#x', 'registry.example/web:1', MATCH],
  ['https://registry.example/#%zz', 'registry.example/web:1', UNREADABLE],
  ['registry.example/%73hop', 'registry.example/shop/web:1', MATCH],
  ['registry.example/%761/', 'registry.example/shop/web:1', MATCH],
  ['registry.example/%2573hop', 'registry.example/shop/web:1', MATCH],
  ['registry.example/sho%', 'registry.example/shop/web:1', UNREADABLE],
  ['regi%73try.example', 'registry.example/web:1', UNREADABLE],
  ['registry.example:', 'registry.example/web:1', MATCH],
  ['registry.example:port', 'registry.example/web:1', UNREADABLE],
  ['registry.example:5000:1', 'registry.example:5000/web:1', UNREADABLE],
  ['registry example', 'registry.example/web:1', UNREADABLE],
  ['HTTPS://registry.example', 'registry.example/web:1', 'the host HTTPS has 1 part between dots'],
  ['http://https://registry.example', 'registry.example/web:1', 'the host https has 1 part between dots'],
  ['//registry.example', 'registry.example/web:1', 'has 1 part between dots'],
  ['[2001:db8::1]', '[2001:db8::1]/web:1', 'the host differs'],
  ['[2001:db8::1', '[2001:db8::1]:5000/web:1', UNREADABLE],
  ['', 'nginx', 'the key is empty'],
  ['registry.example', 'registry.example/Web:1', 'the image is no valid reference'],
];

describe('the kubelet finds a login', () => {
  it.each(ROWS)('key "%s" for image %s: %s', (key, image, outcome) => {
    const { matches, misses } = lookUp(image, [secret('regcred', [key])]);
    if (outcome === MATCH) {
      expect(matches).toMatchObject([{ secret: 'regcred', username: 'robot' }]);
      expect(misses).toEqual([]);
    } else {
      expect(matches).toEqual([]);
      expect(misses).toMatchObject([{ secret: 'regcred', because: expect.stringContaining(outcome) }]);
    }
  });

  it('by at least sixty rules of thumb', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(60);
  });
});

describe('several logins', () => {
  const keysFor = (image: string, ...secrets: ReturnType<typeof secret>[]) =>
    lookUp(image, secrets).matches.map(({ secret: name, key }) => `${name}: ${key}`);

  it('are all sent, the longer path of a host first', () => {
    const keys = ['registry.example', 'registry.example/shop', 'registry.example/shop/web', 'other.example'];
    expect(keysFor('registry.example/shop/web:1', secret('a', keys))).toEqual([
      'a: registry.example/shop/web',
      'a: registry.example/shop',
      'a: registry.example',
    ]);
  });

  it('of one key are sent in the order in which the pod names the secrets', () => {
    const named = (name: string) => secret(name, ['registry.example'], () => `password of ${name}`);
    expect(keysFor('registry.example/web:1', named('b'), named('a'))).toEqual(['b: registry.example', 'a: registry.example']);
  });

  it('that are the same are sent once', () => {
    const same = (name: string) => secret(name, ['registry.example'], () => 'one password');
    expect(keysFor('registry.example/web:1', same('a'), same('b'))).toEqual(['a: registry.example']);
  });

  it("leave Docker Hub's key alone once another one matches", () => {
    expect(keysFor('nginx', secret('a', ['index.docker.io', 'docker.io']))).toEqual(['a: docker.io']);
  });

  it('are none where one secret is malformed, and every key says so', () => {
    const broken = readPullSecret(
      Secret.parse({ metadata: { name: 'broken' }, type: 'kubernetes.io/dockercfg', data: { '.dockercfg': base64('{') } }),
    );
    expect(lookUp('registry.example/web:1', [secret('a', ['registry.example']), broken])).toMatchObject({
      matches: [],
      misses: [{ secret: 'a', because: 'the secret broken beside it is malformed, and that fails the whole lookup' }],
    });
  });
});
