import { asCodedError } from '../../errors.ts';
import type { Checkable } from '../../health.ts';
import { healthWithin } from '../../http/latest-health.ts';
import { sha256 } from '../../signing/ed25519.ts';
import { list } from '../../text/wording.ts';
import { readTextFile } from '../text-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that name files which are read at start alone, and which part is reached by what is in them. */
const FILES = {
  store: ['REDIS_URL_FILE', 'REDIS_PASSWORD_FILE', 'NODE_EXTRA_CA_CERTS'],
  slack: ['SLACK_BOT_TOKEN_FILE', 'SLACK_APP_TOKEN_FILE', 'SLACK_SIGNING_SECRET_FILE', 'NODE_EXTRA_CA_CERTS'],
} as const;

/** A part that may be reached by what a file says. */
export type FilePart = keyof typeof FILES;

/**
 * Looks for what only a restart mends: a part that cannot be reached while a file has changed that this process read at its start, as when a password
 * was changed. A file that has changed while its part is well is no reason: what is open stays open.
 */
export function watchStaleSecrets(
  parts: () => Readonly<Partial<Record<FilePart, Checkable>>>,
  environment: Environment,
): () => Promise<string | undefined> {
  const names = [...new Set(Object.values(FILES).flat())];
  const atStart = new Map(names.map((name) => [name, digestOf(environment[name])]));
  return async () => {
    const changed = new Set<string>(
      names.filter((name) => {
        const digest = digestOf(environment[name]);
        return digest !== undefined && digest !== atStart.get(name);
      }),
    );
    if (changed.size === 0) return undefined;
    for (const [name, part] of Object.entries(parts())) {
      const files = FILES[name as FilePart].filter((file) => changed.has(file));
      if (files.length === 0) continue;
      const health = await healthWithin(name, part);
      if (health.status === 'ill') return `${health.says} ${list(files)} says something else than at the start of this process.`;
    }
    return undefined;
  };
}

/** Undefined for a file that cannot be read at the moment: a mount that is being replaced is no change. */
function digestOf(file: string | undefined): string | undefined {
  if (file === undefined || file === '') return undefined;
  try {
    return sha256(readTextFile(file));
  } catch (cause) {
    if (asCodedError(cause).code === 'config/file') return undefined;
    throw cause;
  }
}
