import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './real-parts.ts';

/** PEM files of one server certificate. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A private authority and what it signed, made anew for each test run. */
export interface Certificates {
  /** The authority's certificate, PEM text. */
  readonly authority: string;
  /** For 127.0.0.1 and localhost. */
  readonly good: ServerCertificate;
  /** The same, but it ended yesterday. */
  readonly expired: ServerCertificate;
  /** For another name. */
  readonly wrongName: ServerCertificate;
  /** Ended yesterday, and for another name. */
  readonly expiredWrongName: ServerCertificate;
  /** Signed by nobody but itself. */
  readonly selfSigned: ServerCertificate;
  remove(): Promise<void>;
}

/** Makes the certificates with openssl. */
export async function makeCertificates(): Promise<Certificates> {
  const openssl = await program('openssl', 'openssl');
  const folder = await mkdtemp(join(tmpdir(), 'imagepull-certificates-'));
  const file = (name: string) => join(folder, name);
  const run = (...args: readonly string[]) => execFileSync(openssl, args, { stdio: 'ignore' });
  const selfSign = (name: string, subject: string, names: string, days: number): ServerCertificate => {
    const [certificate, key] = [file(`${name}.pem`), file(`${name}.key`)];
    run(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
      '-days',
      String(days),
      '-subj',
      `/CN=${subject}`,
      '-addext',
      `subjectAltName=${names}`,
    );
    return { certificate, key };
  };
  const authority = selfSign('authority', 'Test Authority', 'DNS:authority.test', 30);

  async function signed(name: string, names: string, days: number): Promise<ServerCertificate> {
    const [certificate, key, request, extensions] = [file(`${name}.pem`), file(`${name}.key`), file(`${name}.csr`), file(`${name}.ext`)];
    await writeFile(extensions, `subjectAltName=${names}`);
    run(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      request,
      '-subj',
      `/CN=${name}`,
    );
    run(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      authority.certificate,
      '-CAkey',
      authority.key,
      '-CAcreateserial',
      '-out',
      certificate,
      '-days',
      String(days),
      '-extfile',
      extensions,
    );
    return { certificate, key };
  }

  const here = 'IP:127.0.0.1,DNS:localhost';
  return {
    authority: await readFile(authority.certificate, 'utf8'),
    good: await signed('good', here, 30),
    expired: await signed('expired', here, -1),
    wrongName: await signed('wrong-name', 'DNS:other.example', 30),
    expiredWrongName: await signed('expired-wrong-name', 'DNS:other.example', -1),
    selfSigned: selfSign('self-signed', 'Self Signed', here, 5),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
