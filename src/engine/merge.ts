import { asCodedError } from '../errors.ts';
import { aboutKey, aboutOf } from '../incident/identity.ts';
import type { Incident } from '../incident/incident.ts';
import { withPart } from '../incident/life.ts';
import { MEMBER_KINDS } from '../incident/members.ts';
import { walk } from '../store/collection.ts';
import { partsOf } from '../store/kinds.ts';
import type { Store } from '../store/store.ts';

/** Two incidents of which one is a part of the other. */
interface Pair {
  readonly part: string;
  readonly whole: string;
}

/** Names that are copied together. */
const AT_ONCE = 1_000;

/** Makes an open incident a part of another one, with its own parts; that one counts its members and is found by its keys. Twice is harmless. */
export async function becomePart({ part, whole }: Pair, store: Pick<Store, 'incidents' | 'members'>): Promise<void> {
  const { after } = await store.incidents.update(part, (known) => (known.joined === whole ? known : { ...known, joined: whole }));
  for await (const { id } of walk(store.incidents, { index: partsOf(part) }))
    await store.incidents.update(id, (known) => (known.joined === part ? { ...known, joined: whole } : known));
  await countIn({ part, whole }, store);
  await handKeys({ part: after, whole }, store);
}

/** Adds the members of one incident to those of another. */
export async function countIn({ part, whole }: Pair, { members }: Pick<Store, 'members'>): Promise<void> {
  for (const kind of MEMBER_KINDS) {
    let cursor: string | undefined;
    do {
      const page = await members.list(part, { kind, limit: AT_ONCE, cursor });
      await members.addNames(whole, kind, page.names);
      cursor = page.next;
    } while (cursor !== undefined);
  }
}

/** Lets the whole be found by what its part is about, but for what somebody else holds by now: that one's own verdict tells where it belongs. */
export async function handKeys(
  { part, whole }: { readonly part: Incident; readonly whole: string },
  { incidents }: Pick<Store, 'incidents'>,
): Promise<void> {
  for (;;) {
    const held = new Set<string>();
    for (const key of aboutOf(part)) {
      const holder = await incidents.holder(aboutKey(part.audience, key));
      if (holder && holder.id !== whole) held.add(key);
    }
    try {
      await incidents.update(whole, (known) => withPart(known, part, held));
      return;
    } catch (cause) {
      if (asCodedError(cause).code !== 'store/held') throw cause;
    }
  }
}

/** Ends the parts of an incident that has ended: nobody shows or finds them any more. */
export async function endParts(whole: string, at: string, { incidents }: Pick<Store, 'incidents'>): Promise<void> {
  for await (const { id } of walk(incidents, { index: partsOf(whole) }))
    await incidents.update(id, (known) =>
      known.joined === whole && known.life.status !== 'resolved'
        ? { ...known, life: { status: 'resolved', at, by: { kind: 'incident', id: whole } } }
        : known,
    );
}
