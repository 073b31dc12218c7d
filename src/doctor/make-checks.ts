import { asCodedError } from '../errors.ts';
import { redact } from '../facts/redaction.ts';
import { printable } from '../text/printable.ts';
import { deadline } from '../timing/deadline.ts';
import { type Check, type Checked, keyOf, type Seen } from './check.ts';

/** How long one check may take, ms. */
const LIMIT_MS = 10_000;

/**
 * Makes checks: each as soon as what it rests on is fine, all others at the same time. The answer has their order. A check that rests on a broken one is
 * left out and says so; one that takes too long is broken. Never throws for what is outside.
 */
export function makeChecks(
  checks: readonly Check[],
  { limitMs = LIMIT_MS, signal }: { readonly limitMs?: number; readonly signal?: AbortSignal } = {},
): Promise<readonly Checked[]> {
  const known = new Map<string, Promise<Checked>>();
  const made = checks.map((check) => {
    const needs = check.needs.map((need) => known.get(need)).filter((need) => need !== undefined);
    const checked = Promise.all(needs).then((before) => make(check, before, { limitMs, signal }));
    known.set(keyOf(check), checked);
    return checked;
  });
  return Promise.all(made);
}

async function make(
  { id, category, about, look, ifThrown }: Check,
  before: readonly Checked[],
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal | undefined },
): Promise<Checked> {
  const head = { id, category, ...(about === undefined ? {} : { about }) };
  const missing = before.find(({ status }) => status === 'broken' || status === 'skipped');
  if (missing) return { ...head, status: 'skipped', says: `${missing.id} has to be fine first.` };
  const late = (): Seen => ({
    status: 'broken',
    says: `It did not answer within ${limitMs / 1_000} s.`,
    hint: 'Look at the network between here and there.',
  });
  const error = new Error('late');
  try {
    return { ...head, ...shown(await deadline({ ms: limitMs, signal, error: () => error }, look)) };
  } catch (cause) {
    if (cause === error) return { ...head, ...late() };
    if (signal?.aborted) return { ...head, status: 'skipped', says: 'It was ended before there was an answer.' };
    const { code, fault, message } = asCodedError(cause);
    const hint = fault === 'bug' ? 'This is a bug of imagepull: report it with the log.' : (ifThrown ?? `Code ${code}.`);
    return { ...head, ...shown({ status: 'broken', says: message, hint }) };
  }
}

/** What comes from outside is redacted, and moves no cursor. */
function shown(seen: Seen): Seen {
  const says = redact(printable(seen.says));
  return 'hint' in seen ? { ...seen, says, hint: redact(printable(seen.hint)) } : { ...seen, says };
}
