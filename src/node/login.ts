import { readFileSync, statSync } from 'node:fs';
import * as z from 'zod/mini';
import { CodedError, fileProblem } from '../errors.ts';
import { ANONYMOUS, type Credential } from '../facts/credential.ts';
import { SecretText } from '../facts/secret-text.ts';

const MAX_BYTES = 64 * 1024;
const Secret = z.string().check(z.minLength(1), z.maxLength(32 * 1024));

const Login = z.union([
  z.strictObject({ username: z.string().check(z.maxLength(1_024)), password: Secret }),
  z.strictObject({ identityToken: Secret }),
]);

/** Where a login is read from: a file, or `-` for standard input. Never an argument or the environment, which other processes may read. */
export async function readLogin(from: string | undefined, stdin: AsyncIterable<Uint8Array>): Promise<Credential> {
  if (from === undefined) return ANONYMOUS.credential;
  const where = from === '-' ? 'Standard input' : from;
  const login = Login.safeParse(parsed(from === '-' ? await readAll(stdin) : readFile(from))).data;
  // Neither the text nor what the parser says of it is repeated: either may hold the secret.
  if (!login)
    throw new CodedError(
      'node/login',
      `${where} is no login: {"username": …, "password": …} or {"identityToken": …} as JSON, and nothing else.`,
    );
  if ('identityToken' in login) return { kind: 'identity-token', token: new SecretText(login.identityToken) };
  return { kind: 'basic', username: login.username, password: new SecretText(login.password) };
}

function readFile(file: string): string {
  try {
    const found = statSync(file);
    if (found.size > MAX_BYTES) throw new CodedError('node/login', `${file} is larger than 64 KiB.`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('node/login', `Cannot read ${file}: ${fileProblem(cause)}.`, { cause });
  }
}

async function readAll(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new CodedError('node/login', 'Standard input is larger than 64 KiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Told by the caller, in words without the text.
    return undefined;
  }
}
