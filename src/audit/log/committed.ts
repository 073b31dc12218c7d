import { randomBytes } from 'node:crypto';
import type { Person } from '../../approval/person.ts';
import { CodedError } from '../../errors.ts';
import type { Hash } from '../../signing/signing.ts';
import { shortened } from '../../text/wording.ts';
import type { AuditEvent } from '../audit-log.ts';
import { commitmentTo, Disclosure } from '../commitment.ts';
import { Event } from '../entry.ts';
import type { KeptDisclosure } from '../kept.ts';

/**
 * An event as it stands in the chain, and what opens its commitments, with new salts. Long texts are cut: no name and no answer of a server keeps
 * anything from being written down. Throws `audit/unfit` for what no entry can say.
 */
export function committed(said: AuditEvent, hash: Hash): { readonly event: Event; readonly kept: readonly KeptDisclosure[] } {
  const { cluster: _, who, why, what, result, ...rest } = said;
  const keep = (disclosure: unknown): KeptDisclosure => kept(disclosure, { at: said.at, by: who?.person, hash });
  const name = who && keep({ about: 'who', salt: newSalt(), says: { ...who, name: cut(who.name, 200) } });
  const words = why === undefined ? undefined : keep({ about: 'why', salt: newSalt(), says: cut(why, 1000) });
  const event = Event.safeParse({
    ...rest,
    what: cut(what, 2000),
    ...(result === undefined ? {} : { result: cut(result, 2000) }),
    ...(name === undefined ? {} : { who: name.id }),
    ...(words === undefined ? {} : { why: words.id }),
  });
  if (!event.success) throw unfit(event.error);
  return { event: event.data, kept: [name, words].filter((one) => one !== undefined) };
}

function kept(
  said: unknown,
  { at, by, hash }: { readonly at: string; readonly by: Person | undefined; readonly hash: Hash },
): KeptDisclosure {
  const disclosure = Disclosure.safeParse(said);
  if (!disclosure.success) throw unfit(disclosure.error);
  const state = { status: 'kept' as const, ...(by === undefined ? {} : { by }), disclosure: disclosure.data };
  return { id: commitmentTo(disclosure.data, hash), revision: 0, at, state };
}

/** Its cause says where, and its text nothing of what was to be written. */
function unfit(cause: Error): CodedError {
  return new CodedError('audit/unfit', 'What was to be written down is nothing that an entry of the audit can say.', { cause });
}

function newSalt(): string {
  return randomBytes(32).toString('hex');
}

function cut(text: string, most: number): string {
  return shortened(text, most).toWellFormed();
}
