import { describe, expect, it } from 'vitest';
import { observed } from '../../../src/diagnosis/evidence.ts';
import { certificateEnd, messageFindings } from '../../../src/diagnosis/message/message-findings.ts';
import { classify } from '../../support/rules.ts';

const codes = (chain: string) =>
  messageFindings(classify(`Failed to pull image "registry.example/shop/web:1": ${chain}`), { container: 'app', evidence: [] }).map(
    ({ code }) => code,
  );
const manifest = (host: string, status: string) =>
  `failed to resolve image: unexpected status from HEAD request to https://${host}/v2/shop/web/manifests/1: ${status}`;

describe('the wording of a failure', () => {
  it('shows whether credentials were sent only where it says so', () => {
    expect(codes('failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized')).toEqual([
      'pod/credentials-not-sent',
    ]);
    expect(codes('failed to authorize: failed to fetch oauth token: unexpected status: 403 Forbidden')).toEqual(['pod/credentials-sent']);
    expect(codes(manifest('registry.example', '403 Forbidden'))).toEqual([]);
  });

  it('of a mirror shows that it is one, and nothing else', () => {
    expect(codes(manifest('mirror.example', '403 Forbidden'))).toEqual(['pod/mirror-asked']);
    expect(codes(manifest('mirror.example', '412 Precondition Failed'))).toEqual(['pod/mirror-asked']);
  });

  it('shows the rule by which a registry refuses, and a layer that is refused alone', () => {
    expect(codes(manifest('registry.example', '412 Precondition Failed'))).toEqual(['pod/registry-policy']);
    expect(codes("denied: client with IP '192.0.2.7' is not allowed access")).toEqual(['pod/access-rule-named']);
    expect(
      codes('failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://cdn.example/x: 403 Forbidden'),
    ).toEqual(['pod/layer-refused']);
  });
});

describe('the day on which a certificate ended', () => {
  const asked =
    'Failed to pull image "registry.example/shop/web:1": failed to do request: Head "https://registry.example/v2/shop/web/manifests/1"';
  const x509 = (words: string) =>
    `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time ${words}`;
  it.each([
    [x509('2026-03-01T10:00:00Z is after 2026-02-28T00:00:00Z'), 'on 28 Feb'],
    [x509('2026-01-01T00:02:11Z is before 2026-02-01T00:00:00Z'), undefined],
    // The node's clock runs ahead: to everybody else the certificate is still good.
    [x509('2027-05-01T10:00:00Z is after 2027-02-28T00:00:00Z'), undefined],
    ['dial tcp 192.0.2.7:443: connect: connection refused; this is after 2026-02-28T00:00:00Z', undefined],
  ])('of %s is %s', (text, expired) => {
    const evidence = observed('pod-event', { from: 'node', at: '2026-03-01T10:08:00Z', text });
    expect(certificateEnd(classify(`${asked}: ${text}`), evidence).names?.expired).toBe(expired);
  });
});
