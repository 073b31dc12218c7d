import type { Host } from '../host.ts';

/** Where distributions keep the bundle of all authorities, in the order in which runtimes look (Go's crypto/x509, root_linux.go). */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The authorities that the node trusts. */
export interface Authorities {
  readonly file: string;
  readonly pem: string;
  readonly count: number;
}

/** The node's bundle; undefined where none can be read, and then Node's own authorities have to stand in for it. */
export function readAuthorities(host: Host): Authorities | undefined {
  for (const file of BUNDLES) {
    const pem = host.text(file);
    const count = pem?.split('-----BEGIN CERTIFICATE-----').length ?? 0;
    if (pem !== undefined && count > 1) return { file, pem, count: count - 1 };
  }
  return undefined;
}
