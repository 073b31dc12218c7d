import { describe, expect, it } from 'vitest';
import { messageFindings } from '../../../src/diagnosis/message/message-findings.ts';
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
