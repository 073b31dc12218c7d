import type { Reach } from '../diagnosis/reach.ts';
import type { Conclusion, Run } from '../runbook/run.ts';
import { establishedKey, fitsFamily, type Trouble } from './identity.ts';
import type { Identity, Incident, Life } from './incident.ts';

/** An incident after a run of it has ended. Folding the same run twice changes nothing more. */
export function withConclusion(
  incident: Incident,
  run: Run,
  given: {
    readonly conclusion: Conclusion;
    /** What pods have in common that fail for this cause; undefined for a verdict without one. */
    readonly reach: Reach | undefined;
    /** RFC 3339. */
    readonly at: string;
  },
): Incident {
  if (incident.outcome?.runId === run.id) return incident;
  const { title, verdict } = given.conclusion;
  const { joined: _, ...rest } = incident;
  return {
    ...rest,
    outcome: { runId: run.id, cause: verdict.cause, title, confidence: verdict.confidence, at: given.at },
    life: lifeAfter(incident.life, { ended: verdict.cause === null, runId: run.id, at: given.at }),
    identity: identityAfter(incident, run, given),
  };
}

function lifeAfter(life: Life, run: { readonly ended: boolean; readonly runId: string; readonly at: string }): Life {
  if (run.ended) return life.status === 'resolved' ? life : { status: 'resolved', at: run.at, by: run.runId };
  return life.status === 'resolved' ? { status: 'reopened', at: run.at } : life;
}

/** The first error's key stays only while it can stand for what the verdict says: three causes can hide behind one 401. */
function identityAfter(
  { cluster, identity }: Incident,
  run: Run,
  { conclusion, reach }: { readonly conclusion: Conclusion; readonly reach: Reach | undefined },
): Identity {
  const { cause, family } = conclusion.verdict;
  const { provisional } = identity;
  const keeps = provisional !== undefined && (cause === 'undetermined' || fitsFamily(provisional, cluster, family));
  const trouble = troubleOf(run, conclusion);
  const established = trouble && cause !== 'undetermined' ? establishedKey(cause, reach, trouble) : undefined;
  return { ...(keeps ? { provisional } : {}), ...(established === undefined ? {} : { established }) };
}

/** The failing image that the conclusion is about; undefined where none fails. */
function troubleOf({ target }: Run, { container }: Conclusion): Trouble | undefined {
  const image = target.images.find(({ name }) => name === container)?.image;
  return image === undefined ? undefined : { cluster: target.cluster, namespace: target.namespace, node: target.node ?? '', image };
}

/**
 * An incident that turned out to be a part of another one; what it is about is the other one's key from now on. One about a
 * pod whose own incident is open elsewhere ends.
 */
export function joinedTo(incident: Incident, other: { readonly id: string; readonly samePod: boolean }, at: string): Incident {
  const joined = { ...incident, joined: other.id };
  return other.samePod ? { ...joined, life: { status: 'resolved', at, by: other.id } } : joined;
}
