import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHost } from '../../src/node/host.ts';
import { imageSince } from '../../src/node/image-since.ts';
import { readAuthorities } from '../../src/node/probe/authorities.ts';
import { readProxies } from '../../src/node/probe/proxy-variables.ts';
import { readRegistryConfiguration } from '../../src/node/probe/registry-configuration.ts';
import { hostsFileAddresses, nameservers } from '../../src/node/probe/resolvers.ts';
import { sandboxNames } from '../../src/node/sandbox-image.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'imagepull-host-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const web = { registry: 'registry.example:5000', repository: 'shop/web' };
const configurationOf = (image = web, configuration: Readonly<Record<string, string>> = {}) =>
  readRegistryConfiguration(image, createHost(root), configuration);

describe("the node's files", () => {
  it('below a folder: links stay in it, and what is not there is nothing', async () => {
    await put('/etc/pki/real.pem', 'text');
    await mkdir(join(root, 'etc/ssl'), { recursive: true });
    await symlink('/etc/pki/real.pem', join(root, 'etc/ssl/link.pem'));
    await symlink('/etc/ssl/loop', join(root, 'etc/ssl/loop'));
    const host = createHost(root);
    expect(host.text('/etc/ssl/link.pem')).toBe('text');
    expect([host.text('/etc/none'), host.text('/etc'), host.text('/etc/ssl/loop'), host.names('/none')]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
    ]);
    expect(await host.room('/none')).toBeUndefined();
    expect((await host.room('/'))?.totalBytes).toBeGreaterThan(0);
  });

  it('name the bundle of authorities that runtimes read', async () => {
    expect(readAuthorities(createHost(root))).toBeUndefined();
    const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
    await put('/etc/pki/tls/certs/ca-bundle.crt', pem.repeat(2));
    expect(readAuthorities(createHost(root))).toMatchObject({ file: '/etc/pki/tls/certs/ca-bundle.crt', count: 2 });
  });

  it('name the resolvers, three at most, and what needs none', () => {
    expect(
      nameservers(
        '# nameserver 192.0.2.9\nnameserver 192.0.2.1\nnameserver\t2001:db8::1\noptions ndots:5\nnameserver 192.0.2.3\nnameserver 192.0.2.4',
      ),
    ).toEqual(['192.0.2.1', '2001:db8::1', '192.0.2.3']);
    expect(hostsFileAddresses('192.0.2.7 other.example Registry.example # note\n#192.0.2.8 registry.example', 'registry.example')).toEqual([
      '192.0.2.7',
    ]);
  });
});

describe('the proxy variables of runtime and kubelet', () => {
  it('come from drop-ins and the files of units, and show no login', async () => {
    await put(
      '/etc/systemd/system/containerd.service.d/proxy.conf',
      '[Service]\nEnvironment="HTTPS_PROXY=http://u:canary@proxy.example:3128" NO_PROXY=10.0.0.0/8 A=b\n',
    );
    await put('/etc/default/kubelet', "export https_proxy='u:canary@proxy.example:3128'\nKUBELET_EXTRA_ARGS=--v=2\n");
    const { settings, environment } = readProxies(createHost(root));
    expect(settings).toEqual([
      {
        of: 'runtime',
        from: '/etc/systemd/system/containerd.service.d/proxy.conf',
        variables: { HTTPS_PROXY: 'http://[redacted]@proxy.example:3128', NO_PROXY: '10.0.0.0/8' },
      },
      { of: 'kubelet', from: '/etc/default/kubelet', variables: { https_proxy: '[redacted]@proxy.example:3128' } },
    ]);
    expect(environment['HTTPS_PROXY']).toContain('canary');
  });

  it('are those of the process where it can be seen', async () => {
    await put('/proc/42/comm', 'containerd\n');
    await put('/proc/42/environ', 'PATH=/bin\0HTTP_PROXY=http://p.example:1\0');
    await put('/etc/sysconfig/containerd', 'HTTP_PROXY=http://other.example:1\n');
    const { settings, environment } = readProxies(createHost(root));
    expect(settings.map(({ from }) => from)).toEqual(['process', '/etc/sysconfig/containerd']);
    expect(environment).toEqual({ HTTP_PROXY: 'http://p.example:1' });
  });
});

describe('the configuration of a registry', () => {
  it('of containerd: the folder that its status names, mirrors, authorities, and of headers their names', async () => {
    await put(
      '/opt/certs/registry.example:5000/hosts.toml',
      'server = "https://registry.example:5000"\n[host."https://u:canary@mirror.example"]\n  capabilities = ["pull"]\n  skip_verify = true\n  ca = "ca.pem"\n  [host."https://u:canary@mirror.example".header]\n    authorization = ["Basic canary"]\n',
    );
    const configuration = { config: '{"registry":{"configPath":"/nothing:/opt/certs"}}' };
    const found = configurationOf(web, configuration);
    expect(found).toEqual([
      {
        file: '/opt/certs/registry.example:5000/hosts.toml',
        server: 'https://registry.example:5000',
        insecure: false,
        blocked: false,
        mirrors: [
          {
            url: 'https://[redacted]@mirror.example',
            skipVerify: true,
            authorities: ['/opt/certs/registry.example:5000/ca.pem'],
            headers: ['authorization'],
            capabilities: ['pull'],
          },
        ],
      },
    ]);
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it('of containerd 2, by its own file, and the default of all registries', async () => {
    await put('/etc/containerd/config.toml', `version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\n  config_path = '/opt/two'\n`);
    await put('/opt/two/_default/hosts.toml', '[host."http://all.example"]\n');
    expect(configurationOf()).toMatchObject([{ file: '/opt/two/_default/hosts.toml', mirrors: [{ url: 'http://all.example' }] }]);
  });

  it('of CRI-O: the longest prefix that fits, in each file', async () => {
    await put(
      '/etc/containers/registries.conf',
      'unqualified-search-registries = ["docker.io"]\n[[registry]]\nprefix = "*.example"\nblocked = true\n[[registry]]\nlocation = "registry.example:5000/shop"\ninsecure = true\n[[registry.mirror]]\nlocation = "mirror.example/shop"\ninsecure = true\n',
    );
    await put('/etc/containers/registries.conf.d/broken.conf', '[[registry');
    expect(configurationOf()).toEqual([
      {
        file: '/etc/containers/registries.conf',
        server: 'https://registry.example:5000/shop',
        insecure: true,
        blocked: false,
        mirrors: [{ url: 'https://mirror.example/shop', skipVerify: true, authorities: [], headers: [], capabilities: [] }],
      },
      expect.objectContaining({ file: '/etc/containers/registries.conf.d/broken.conf', unreadable: expect.any(String) }),
    ]);
    expect(configurationOf({ registry: 'a.example', repository: 'x' })).toMatchObject([
      { blocked: true },
      { unreadable: expect.any(String) },
    ]);
  });

  it('of Docker: mirrors are for Docker Hub', async () => {
    await put('/etc/docker/daemon.json', '{"registry-mirrors":["https://hub.example"],"insecure-registries":["registry.example:5000"]}');
    expect(configurationOf()).toMatchObject([{ insecure: true, mirrors: [] }]);
    expect(configurationOf({ registry: 'docker.io', repository: 'library/a' })).toMatchObject([
      { insecure: false, mirrors: [{ url: 'https://hub.example' }] },
    ]);
  });
});

describe('since when an image is on a node', () => {
  const id = 'ab'.repeat(32);
  /** A file of that time. */
  async function written(path: string, time: string): Promise<void> {
    await put(path, '{}');
    await utimes(join(root, path), new Date(time), new Date(time));
  }
  const since = (image: string, ...mountpoints: readonly string[]) => imageSince({ id: image }, mountpoints, createHost(root));

  it.each([
    ['containerd', '/data/io.containerd.snapshotter.v1.overlayfs', `/data/io.containerd.content.v1.content/blobs/sha256/${id}`],
    ['CRI-O', '/var/lib/containers/storage/overlay-images', `/var/lib/containers/storage/overlay-images/${id}`],
    ['Docker', '/var/lib/docker', `/var/lib/docker/image/overlay2/imagedb/content/sha256/${id}`],
  ])('is the time of what %s wrote for it', async (_, mountpoint, path) => {
    await written(path, '2026-01-01T10:00:00Z');
    expect([since(id, mountpoint), since(`sha256:${id}`, mountpoint)]).toEqual(Array(2).fill('2026-01-01T10:00:00.000Z'));
    expect([since('cd'.repeat(32), mountpoint), since(id), since(id, '')]).toEqual([undefined, undefined, undefined]);
  });

  it('is the latest time where there are several', async () => {
    await written(`/a/${id}`, '2026-01-01T10:00:00Z');
    await written(`/b/${id}`, '2026-01-01T11:00:00Z');
    expect(since(id, '/b', '/a')).toBe('2026-01-01T11:00:00.000Z');
  });

  it('is not looked for by an id that is none', async () => {
    await written('/a/secret', '2026-01-01T10:00:00Z');
    expect([since('../a/secret', '/a'), since('secret', '/a')]).toEqual([undefined, undefined]);
  });
});

describe('the sandbox image', () => {
  it.each([
    ['{"sandboxImage":"a.example/pause:3"}', ['a.example/pause:3']],
    ['{"imageConfig":{"pinnedImages":{"sandbox":"b.example/pause:3"}}}', ['b.example/pause:3']],
    ['[crio.image]\npause_image = "c.example/pause:3"\n', ['c.example/pause:3']],
    ['not read', []],
  ])('%s', (config, names) => expect(sandboxNames({ config })).toEqual(names));
});
