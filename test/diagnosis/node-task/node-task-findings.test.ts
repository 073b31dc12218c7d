import { describe, expect, it } from 'vitest';
import { observed } from '../../../src/diagnosis/evidence.ts';
import { type Finding, sightingsOf } from '../../../src/diagnosis/finding.ts';
import { probeFindings } from '../../../src/diagnosis/node-task/probe-findings.ts';
import { pullFindings } from '../../../src/diagnosis/node-task/pull-findings.ts';
import { vantagesDiffer } from '../../../src/diagnosis/node-task/two-vantages.ts';
import { ProbeDocument, PullDocument } from '../../../src/node/document.ts';
import { classify } from '../../support/rules.ts';

const AT = '2026-03-01T10:00:00.000Z';
const SUBJECT = { node: 'node-7', container: 'app' };
const ROOM = { totalBytes: 1_000, freeBytes: 500, totalInodes: 100, freeInodes: 50 };

type Way = ProbeDocument['ways'][number];
const OPEN: Way = {
  of: 'registry',
  url: 'https://registry.example',
  endpoint: {
    host: 'registry.example',
    port: 443,
    dns: { status: 'resolved', milliseconds: 2 },
    addresses: [{ address: '192.0.2.1', status: 'open', milliseconds: 3 }],
    tls: { status: 'trusted', chain: [], milliseconds: 4 },
  },
  greeting: { status: 'answered', http: 401, isRegistry: true, clockAheadMs: 400, milliseconds: 9 },
};

/** A document that a probe could have printed. */
const probed = (given: Partial<ProbeDocument> = {}): ProbeDocument =>
  ProbeDocument.parse({
    schemaVersion: 1,
    kind: 'probe',
    at: AT,
    image: 'registry.example/a:1',
    registry: 'registry.example',
    runtime: { status: 'failed', code: 'node/unreachable', because: 'nobody' },
    ways: [OPEN],
    proxies: [],
    configuration: [],
    filesystems: [{ of: 'images', mountpoint: '/images', room: ROOM }],
    ...given,
  });

const codesOf = (findings: readonly Finding[]) => findings.map(({ code }) => code);
const codes = (given: Partial<ProbeDocument>) => codesOf(probeFindings(probed(given), SUBJECT));

describe('what a probe from the node shows', () => {
  it('is seen from the node', () => {
    const findings = probeFindings(probed(), SUBJECT);
    expect([...sightingsOf(findings)]).toEqual(['endpoint/answers', 'endpoint/answers@node']);
    expect(findings[0]).toMatchObject({
      container: 'app',
      says: expect.stringMatching(/^From the node, the registry registry\.example:443 answers/),
    });
  });

  it('names what is wrong on the way, of a mirror as well', () => {
    const dead: Way = {
      of: 'mirror',
      url: 'https://mirror.example',
      endpoint: {
        ...OPEN.endpoint,
        host: 'mirror.example',
        addresses: [],
        dns: { status: 'failed', because: 'x', milliseconds: 1 },
        problem: 'dns-failure',
      },
    };
    expect(codes({ ways: [OPEN, dead] })).toEqual(['endpoint/answers', 'endpoint/dns-failure']);
    expect(codes({ ways: [{ ...OPEN, greeting: { status: 'answered', http: 200, isRegistry: false, milliseconds: 1 } }] })).toEqual([
      'endpoint/not-a-registry',
    ]);
    expect(codes({ ways: [{ ...OPEN, greeting: { status: 'failed', problem: 'timeout', milliseconds: 1 } }] })).toEqual([
      'endpoint/timeout',
    ]);
  });

  it('calls the clock wrong only where all that tell the time agree', () => {
    const off = (clockAheadMs: number): Way => ({
      ...OPEN,
      greeting: { status: 'answered', http: 401, isRegistry: true, clockAheadMs, milliseconds: 1 },
    });
    const [, found] = probeFindings(probed({ ways: [off(86_400_000)] }), SUBJECT);
    expect(found).toMatchObject({ code: 'node/clock-off', says: 'The clock of node-7 is 1 d ahead of that of registry.example.' });
    expect(codes({ ways: [off(-400_000), off(-500_000)] })).toContain('node/clock-off');
    for (const ways of [[off(86_400_000), off(0)], [off(86_400_000), off(-86_400_000)], [off(200_000)]])
      expect(codes({ ways })).not.toContain('node/clock-off');
  });

  it('names the resolver that fails', () => {
    const resolver = (server: string, status: 'resolved' | 'no-answer' | 'unknown-name') => ({
      server,
      status,
      addresses: [],
      milliseconds: 3,
    });
    const names = (...resolvers: ReturnType<typeof resolver>[]) => ({ names: { name: 'registry.example', hostsFile: [], resolvers } });
    expect(codes(names(resolver('192.0.2.1', 'resolved'), resolver('192.0.2.2', 'unknown-name')))).not.toContain('node/resolver-failing');
    const findings = probeFindings(probed(names(resolver('192.0.2.1', 'no-answer'), resolver('192.0.2.2', 'resolved'))), SUBJECT);
    expect(findings.find(({ code }) => code === 'node/resolver-failing')?.says).toBe(
      'The resolver 192.0.2.1 of node-7 does not answer for registry.example, so each lookup waits for it or fails at times.',
    );
  });

  it('measures the room', () => {
    const room = (given: Partial<typeof ROOM>) =>
      codes({ filesystems: [{ of: 'images', mountpoint: '/images', room: { ...ROOM, ...given } }] });
    expect(room({ freeBytes: 50 })).toContain('node/disk-full');
    expect(room({ freeInodes: 1 })).toContain('node/inodes-short');
    // Some file systems count no inodes.
    expect(room({ totalInodes: 0, freeInodes: 0 })).toEqual(['endpoint/answers']);
  });
});

describe('what a pull on the node shows', () => {
  const pulled = (outcome: PullDocument['outcome'], login: PullDocument['login'] = 'anonymous') =>
    pullFindings(
      PullDocument.parse({
        schemaVersion: 1,
        kind: 'pull',
        at: AT,
        runtime: { name: 'containerd', version: '2.1', socket: '/x' },
        image: 'registry.example/a:1',
        login,
        milliseconds: 2_000,
        outcome,
      }),
      SUBJECT,
      classify,
    );

  it("is the runtime's own word", () => {
    const message = 'failed to resolve image: registry.example/a:1: not found';
    const findings = pulled({ status: 'failed', message });
    expect(findings[0]).toMatchObject({
      code: 'pull-error/tag-not-found',
      container: 'app',
      evidence: [{ vantage: 'node', text: message }],
    });
  });

  it('that works says so, with whose login', () => {
    const outcome = { status: 'pulled', id: 'sha256:a', bytes: 5_000_000, wasThere: false } as const;
    expect(codesOf(pulled(outcome))).toEqual(['registry/exists', 'registry/public']);
    expect(pulled(outcome, 'basic')[1]).toMatchObject({
      code: 'registry/credential-works',
      says: 'node-7 pulled registry.example/a:1 with its login just now (5.0 MB, 2 s).',
    });
  });

  it('that does not end is a timeout', () => expect(codesOf(pulled({ status: 'timed-out' }))).toEqual(['pull-error/network-timeout']));
});

describe('the bot and the node together', () => {
  const seen = (code: Finding['code'], from: 'bot' | 'node'): Finding => ({
    code,
    says: '',
    evidence: [observed('endpoint', { from, at: AT, text: '' })],
  });
  it('say where to look when only one of them reaches the registry', () => {
    expect(vantagesDiffer([seen('endpoint/answers', 'bot'), seen('endpoint/timeout', 'node')], 'node-7')).toMatch(
      /egress, the proxy and the DNS of node-7/,
    );
    expect(vantagesDiffer([seen('endpoint/timeout', 'bot'), seen('endpoint/answers', 'node')], 'node-7')).toMatch(
      /says nothing about node-7/,
    );
  });
  it('say nothing where they agree, or one of them did not look', () => {
    expect(vantagesDiffer([seen('endpoint/timeout', 'bot'), seen('endpoint/timeout', 'node')], 'n')).toBeUndefined();
    expect(vantagesDiffer([seen('endpoint/answers', 'bot'), seen('endpoint/answers', 'node')], 'n')).toBeUndefined();
    expect(vantagesDiffer([seen('endpoint/answers', 'bot')], 'n')).toBeUndefined();
  });
});
