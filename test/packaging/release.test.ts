import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { changelogSections } from '../../packaging/changelog.ts';
import { krewManifest, Package } from '../../packaging/krew-manifest.ts';
import { PROJECT } from '../../packaging/project.ts';
import { releaseProblems } from '../../packaging/release-check.ts';
import { sbomOf } from '../../packaging/sbom.ts';
import { OLDEST_REDIS } from '../../src/store/redis/redis-check.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

describe('the changelog', () => {
  it('has the form of keepachangelog.com, and a link for each section', () => {
    const text = readFileSync('CHANGELOG.md', 'utf8');
    const sections = changelogSections(text);
    expect(sections[0]?.version).toBe('Unreleased');
    for (const { version } of sections)
      expect(text).toMatch(new RegExp(`^\\[${version.replaceAll('.', '\\.')}\\]: ${PROJECT.source}/`, 'm'));
  });

  it.each([
    ['## Unreleased\n', 'is no heading of a changelog'],
    ['## [0.1.0]\n', 'is no heading of a changelog'],
    ['## [Unreleased] - 2026-01-01\n', 'is no heading of a changelog'],
    ['## [Unreleased]\n### New\n', 'Unreleased has New'],
    ['## [Unreleased]\n### Fixed\n### Added\n', 'Unreleased has Fixed, Added'],
    ['## [Unreleased]\n### Fixed\n### Fixed\n', 'Unreleased has Fixed, Fixed'],
  ])('refuses %j', (text, says) => {
    expect(() => changelogSections(text)).toThrow(says);
  });
});

describe('a release', () => {
  const fine = {
    tag: 'v1.2.3',
    version: '1.2.3',
    chart: { version: '1.2.3', appVersion: '1.2.3' },
    changelog: '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n### Added\n- one\n',
    project: {
      owner: 'corp',
      source: 'https://git.corp.test/corp/imagepull',
      registry: 'r.corp.test/corp',
      domain: 'corp.test',
      security: 's@corp.test',
    },
  };

  it('may be made where nothing is in the way', () => {
    expect(releaseProblems(fine)).toEqual([]);
  });

  it.each([
    [{ tag: 'v1.2.4' }, 'the tag is v1.2.4, and package.json has version 1.2.3'],
    [
      { chart: { version: '1.2.3', appVersion: '1.2.2' } },
      'helm/Chart.yaml has version 1.2.3 and appVersion 1.2.2, and package.json 1.2.3',
    ],
    [{ changelog: '## [Unreleased]\n' }, 'CHANGELOG.md has no section ## [1.2.3] - DATE'],
    [
      { changelog: `## [Unreleased]\n### Fixed\n- more\n${fine.changelog.slice(fine.changelog.indexOf('## [1'))}` },
      'CHANGELOG.md has changes that are not released yet: move them to the section of the release',
    ],
    [{ project: { ...fine.project, registry: PROJECT.registry } }, `packaging/project.ts: registry is a placeholder, ${PROJECT.registry}`],
  ])('is refused with %j', (wrong, says) => {
    expect(releaseProblems({ ...fine, ...wrong })).toEqual([says]);
  });

  it('is refused with the placeholders of today', () => {
    expect(releaseProblems({ ...fine, project: PROJECT }).length).toBeGreaterThan(2);
  });
});

describe('the bill of materials', () => {
  it('names every package that the lockfile installs for production, with its hash and licence, and none for development', () => {
    const sbom = sbomOf('.');
    expect(sbom).toMatchObject({
      bomFormat: 'CycloneDX',
      metadata: { component: { name: 'imagepull', version: manifest.version, type: 'application' } },
    });
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string; readonly dev?: boolean }>>;
    };
    const installed = Object.entries(packages).flatMap(([path, { version, integrity = '', dev }]) =>
      path === '' || dev
        ? []
        : [{ name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), version, hash: hexOf(integrity) }],
    );
    const listed = sbom.components.map(({ name, version, hashes, licenses }) => ({
      name,
      version,
      hash: hashOf(hashes),
      licensed: licenses !== undefined,
    }));
    const key = ({ name, version, hash }: { readonly name: string; readonly version: string; readonly hash: string }) =>
      `${name} ${version} ${hash}`;
    expect([...new Set(listed.map(key))].sort()).toEqual([...new Set(installed.map(key))].sort());
    expect(listed.filter(({ licensed }) => !licensed)).toEqual([]);
    for (const name of Object.keys(manifest.dependencies)) expect(listed.map((entry) => entry.name)).toContain(name);
  });
});

/** `sha512-BASE64` as hexadecimal. */
function hexOf(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}

function hashOf(hashes: unknown): string {
  const [{ content } = { content: '' }] = hashes as readonly { readonly content: string }[];
  return content;
}

describe('the manifest for krew', () => {
  const described = Package.parse(manifest);
  const krew = krewManifest(described, 'a'.repeat(64)) as {
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly version: string;
      readonly caveats: string;
      readonly shortDescription: string;
      readonly platforms: readonly { readonly bin: string; readonly uri: string }[];
    };
  };

  it('says which Node.js it needs, and runs what kubectl runs', () => {
    const [needed = ''] = /[0-9.]{1,20}/.exec(manifest.engines.node) ?? [];
    expect(krew.spec.caveats).toContain(`it needs Node.js ${needed} or later`);
    expect(krew.spec.version).toBe(`v${manifest.version}`);
    expect(krew.spec.shortDescription.length).toBeLessThan(50);
    for (const { bin, uri } of krew.spec.platforms) {
      expect(bin).toBe(manifest.bin['kubectl-imagepull']);
      expect(uri.startsWith(`${PROJECT.source}/`) && uri.endsWith('.tar.gz')).toBe(true);
    }
  });

  it('has caveats that make what kubectl asks to complete a command', () => {
    const script = /^printf [\s\S]{1,400}$/m.exec(krew.spec.caveats)?.[0] ?? '';
    const root = mkdtempSync(join(tmpdir(), 'imagepull-krew-'));
    execFileSync('sh', ['-c', `mkdir "$KREW_ROOT/bin"; ${script}`], { env: { ...process.env, KREW_ROOT: root } });
    // In place of kubectl something that shows how it is called.
    execFileSync('sh', ['-c', `printf '#!/bin/sh\\necho "$@"\\n' > "$1/bin/kubectl"; chmod +x "$1/bin/kubectl"`, 'sh', root]);
    const asked = execFileSync(`${root}/bin/kubectl_complete-imagepull`, ['diagnose', '-n', ''], {
      env: { PATH: `${root}/bin:${process.env['PATH']}` },
      encoding: 'utf8',
    });
    expect(asked).toBe('imagepull __complete -- diagnose -n \n');
    rmSync(root, { recursive: true });
  });
});

describe('the workflows', () => {
  const read = (name: string) => readFileSync(`.github/workflows/${name}.yml`, 'utf8');
  interface Workflow {
    readonly permissions: Readonly<Record<string, string>>;
    readonly jobs: Readonly<
      Record<
        string,
        {
          readonly permissions?: Readonly<Record<string, string>>;
          readonly needs?: string | readonly string[];
          readonly 'timeout-minutes'?: number;
          readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
        }
      >
    >;
  }
  const workflow = (name: string) => parse(read(name)) as Workflow;
  const runs = (name: string) => Object.values(workflow(name).jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

  it.each(['tests', 'release'])('%s runs .ci/run, with pinned actions, few rights and a limit of time', (name) => {
    expect(runs(name).some((line) => line.endsWith(' .ci/run'))).toBe(true);
    for (const [, action, version] of read(name).matchAll(/uses: (\S+)(.{0,40})/g))
      expect(`${action}${version}`).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v[0-9.]+$/);
    const { permissions, jobs } = workflow(name);
    expect(Object.entries(permissions).filter(([, right]) => right === 'write')).toEqual([]);
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    expect(read(name)).not.toMatch(/write-all|pull_request_target/);
    // What comes from outside is no part of a script: GitHub would put it there as it is.
    for (const script of runs(name)) expect(script).not.toContain('${{');
  });

  it('one action has one commit everywhere', () => {
    const pins = [...`${read('tests')}${read('release')}`.matchAll(/uses: ([\w./-]+)@([0-9a-f]{40})/g)].map(
      ([, action, commit]) => [action, commit] as const,
    );
    const byAction = Map.groupBy(pins, ([action]) => action);
    for (const [action, commits] of byAction) expect(new Set(commits.map(([, commit]) => commit)).size, action).toBe(1);
  });

  it('release checks first, builds for both platforms, signs image and chart, and publishes last', () => {
    const { jobs } = workflow('release');
    expect(Object.fromEntries(Object.entries(jobs).map(([name, { needs }]) => [name, needs]))).toEqual({
      check: undefined,
      package: 'check',
      image: 'check',
      chart: 'image',
      publish: ['package', 'image', 'chart'],
    });
    const text = read('release');
    expect(runs('release').some((line) => line.startsWith('npm run release:check'))).toBe(true);
    expect(text).toContain('platforms: linux/amd64,linux/arm64');
    expect(text).toContain('sbom: true');
    expect(text).toContain('provenance: mode=max');
    for (const part of ['IMAGE', 'CHART'])
      expect(text).toMatch(new RegExp(`cosign sign --yes [^\n]*"\\$${part}"\n *cosign verify "\\$${part}"`));
    expect(text).toMatch(/npm publish .* --provenance --access public/);
    expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
    const writers = Object.entries(jobs).flatMap(([name, { permissions = {} }]) =>
      Object.entries(permissions).flatMap(([right, level]) => (level === 'write' ? [`${name} ${right}`] : [])),
    );
    expect(writers).toEqual(['image id-token', 'chart id-token', 'publish contents', 'publish id-token']);
  });
});

describe('SUPPORT.md', () => {
  const text = readFileSync('SUPPORT.md', 'utf8');
  const row = (begins: string) => text.split('\n').find((line) => line.startsWith(`| ${begins}`)) ?? '';

  it('says the versions that package.json, the chart and the service go by', () => {
    const { kubeVersion } = parse(readFileSync('helm/Chart.yaml', 'utf8')) as { readonly kubeVersion: string };
    expect(row('Kubernetes')).toContain(`| ${/[0-9]+\.[0-9]+/.exec(kubeVersion)?.[0]} or later |`);
    expect(row('Node.js')).toContain(`| ${/[0-9.]+/.exec(manifest.engines.node)?.[0]} or later |`);
    expect(row('Redis')).toContain(`Redis ${OLDEST_REDIS.slice(0, 2).join('.')} or later`);
  });
});
