import { z } from 'zod';

/** Where a list goes on, and as of which version; below zero stands for now. */
export interface Continuation {
  readonly version: number;
  /** The last key that was sent, within the namespace that was asked for. */
  readonly after: string;
}

/** The form of apiserver/pkg/storage/continue.go. */
const Token = z.object({ v: z.literal('meta.k8s.io/v1'), rv: z.number().int(), start: z.string() });

export function writeToken({ version, after }: Continuation): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: `/${after}\u0000` })).toString('base64url');
}

/** Reads a token; a text where it is none. */
export function readToken(text: string): Continuation | string {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch (cause) {
    return `invalid continue token: continue key is not valid: ${String(cause)}`;
  }
  const token = Token.safeParse(json);
  if (!token.success) return 'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion or version';
  const { rv, start } = token.data;
  return { version: rv, after: start.replace(/^\//, '').replace(/\0$/, '') };
}
