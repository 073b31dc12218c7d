import type { Person } from '../../approval/person.ts';
import { walk } from '../../store/collection.ts';
import { disclosedOf, KINDS } from '../../store/kinds.ts';
import type { Store } from '../../store/store.ts';

/** How many names and reasons of a person the audit keeps, in all clusters. */
export async function countDisclosures(store: Pick<Store, 'collection'>, person: Person): Promise<number> {
  let count = 0;
  for await (const _ of walk(store.collection(KINDS.auditDisclosures), { index: disclosedOf(person) })) count += 1;
  return count;
}

/** Erases the names and reasons of a person in all clusters; answers how many. The chains stay whole, and nothing left tells whose entries they were. */
export async function eraseDisclosures(store: Pick<Store, 'collection'>, person: Person, now: Date): Promise<number> {
  const disclosures = store.collection(KINDS.auditDisclosures);
  let erased = 0;
  for await (const { id } of walk(disclosures, { index: disclosedOf(person) })) {
    const { before } = await disclosures.update(id, (known) =>
      known.state.status === 'erased' ? known : { ...known, state: { status: 'erased', at: now.toISOString() } },
    );
    if (before.state.status === 'kept') erased += 1;
  }
  return erased;
}
