import { asCodedError, CodedError } from '../errors.ts';
import { aboutKey, aboutOf, podKey } from '../incident/identity.ts';
import type { Incident } from '../incident/incident.ts';
import type { Store } from '../store/store.ts';

/** What became of an incident that was to be opened. */
export type Opened =
  /** It is new, or an earlier delivery opened it. */
  | { readonly status: 'opened'; readonly incident: Incident }
  /** One is open about the same pod, or about the same thing. */
  | { readonly status: 'met'; readonly by: 'pod' | 'key'; readonly incident: Incident };

/** Others open and resolve incidents meanwhile; so often in a row that is no coincidence any more. */
const MAX_TRIES = 20;

/**
 * Opens an incident, unless one is open that holds a key of it: of many who try at once one opens it and all others meet it.
 * A private channel's incident also meets the one of everybody about its pod.
 */
export async function openIncident(store: Pick<Store, 'incidents'>, wanted: Incident): Promise<Opened> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const opened = (await meetEverybodys(store, wanted)) ?? (await create(store, wanted)) ?? (await meet(store, wanted));
    if (opened) return opened;
    // Whoever held a key has ended in between.
  }
  throw new CodedError('store/held', `No incident could be opened for ${wanted.namespace}/${wanted.pod}: others kept its keys.`, {
    retryable: true,
  });
}

async function meetEverybodys({ incidents }: Pick<Store, 'incidents'>, wanted: Incident): Promise<Opened | undefined> {
  if (wanted.audience.kind === 'everyone') return undefined;
  const incident = await incidents.holder(podKey({ kind: 'everyone' }, wanted));
  return incident && { status: 'met', by: 'pod', incident };
}

/** Undefined where another incident holds a key. */
async function create({ incidents }: Pick<Store, 'incidents'>, wanted: Incident): Promise<Opened | undefined> {
  try {
    await incidents.create(wanted);
    return { status: 'opened', incident: wanted };
  } catch (cause) {
    const { code } = asCodedError(cause);
    if (code === 'store/held') return undefined;
    if (code !== 'store/exists') throw cause;
    return { status: 'opened', incident: await incidents.read(wanted.id) };
  }
}

async function meet({ incidents }: Pick<Store, 'incidents'>, wanted: Incident): Promise<Opened | undefined> {
  const samePod = await incidents.holder(podKey(wanted.audience, wanted));
  if (samePod) return { status: 'met', by: 'pod', incident: samePod };
  for (const key of aboutOf(wanted)) {
    const incident = await incidents.holder(aboutKey(wanted.audience, key));
    if (incident) return { status: 'met', by: 'key', incident };
  }
  return undefined;
}
