import type { Reach } from '../diagnosis/reach.ts';
import type { Conclusion, Run } from '../runbook/run.ts';
import { aboutOf, establishedKey, exactKey, fitsFamily, sameSubject, type Trouble } from './identity.ts';
import type { Change, Identity, Incident, Life } from './incident.ts';

/** An incident after a run of it has ended, or was judged anew. Folding the same verdict of a run twice changes nothing more. */
export function withConclusion(
  incident: Incident,
  run: Run,
  given: {
    readonly conclusion: Conclusion;
    /** What pods have in common that fail for this cause; undefined for a verdict without one. */
    readonly reach: Reach | undefined;
    /** RFC 3339. */
    readonly at: string;
    /** Keys that other open incidents have: what pods of one image are about there may be another cause here. */
    readonly taken: ReadonlySet<string>;
  },
): Incident {
  const { title, verdict } = given.conclusion;
  const { outcome } = incident;
  const isSame =
    outcome?.runId === run.id && outcome.title === title && outcome.cause === verdict.cause && outcome.confidence === verdict.confidence;
  if (isSame) return incident;
  const { joined: _, ...rest } = incident;
  const exact = exactKeyOf(run, given.conclusion);
  // What was asked about began to fail before somebody asked.
  const since = [
    ...(incident.since === undefined ? [] : [incident.since]),
    ...run.failures.flatMap((failure) => failure.since ?? []),
  ].sort()[0];
  return {
    ...rest,
    ...(since === undefined ? {} : { since }),
    outcome: { runId: run.id, cause: verdict.cause, title, confidence: verdict.confidence, at: given.at },
    life: lifeAfter(incident.life, { ended: verdict.cause === null, runId: run.id, at: given.at }),
    identity: identityAfter(incident, run, given),
    aliases: withAliases(incident.aliases, exact === undefined ? [] : [exact]).filter((key) => !given.taken.has(key)),
  };
}

function lifeAfter(life: Life, run: { readonly ended: boolean; readonly runId: string; readonly at: string }): Life {
  if (run.ended) return life.status === 'resolved' ? life : { status: 'resolved', at: run.at, by: { kind: 'run', id: run.runId } };
  return life.status === 'resolved' ? { status: 'reopened', at: run.at, resolvedAt: life.at } : life;
}

/**
 * The first error's key stays only while it can stand for what the verdict says: three causes can hide behind one 401. It can where family
 * or subject agree: a registry that is away is behind timeouts as well as behind a 503.
 */
function identityAfter(
  { cluster, identity }: Incident,
  run: Run,
  { conclusion, reach }: { readonly conclusion: Conclusion; readonly reach: Reach | undefined },
): Identity {
  const { cause, family } = conclusion.verdict;
  // What is over may come back as what it was.
  if (cause === null) return identity;
  const { provisional } = identity;
  const trouble = troubleOf(run, conclusion);
  const established = trouble && cause !== 'undetermined' ? establishedKey(cause, reach, trouble) : undefined;
  const keeps =
    provisional !== undefined &&
    (cause === 'undetermined' ||
      fitsFamily(provisional, cluster, family) ||
      (established !== undefined && sameSubject(provisional, established, cluster)));
  return { ...(keeps ? { provisional } : {}), ...(established === undefined ? {} : { established }) };
}

/** The failing image that the conclusion is about; undefined where none fails. */
function troubleOf({ target }: Run, { container }: Conclusion): Trouble | undefined {
  const image = target.images.find(({ name }) => name === container)?.image;
  return image === undefined ? undefined : { cluster: target.cluster, namespace: target.namespace, node: target.node ?? '', image };
}

/** The exact key of what a run was about; undefined where no image fails, or nothing was said about it. */
function exactKeyOf(run: Run, conclusion: Conclusion): string | undefined {
  const trouble = troubleOf(run, conclusion);
  const failure = run.failures.find(({ container }) => container === conclusion.container);
  return trouble && failure && exactKey(failure.error.symptom, trouble);
}

/** More keys than these an incident does not keep: the oldest go first. */
const MAX_ALIASES = 300;

function withAliases(known: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...known, ...more])].slice(-MAX_ALIASES);
}

/**
 * An incident that turned out to be a part of another one; what it is about is the other one's key from now on. One about a
 * pod whose own incident is open elsewhere ends.
 */
export function joinedTo(incident: Incident, other: { readonly id: string; readonly samePod: boolean }, at: string): Incident {
  const joined = { ...incident, joined: other.id };
  return other.samePod ? { ...joined, life: { status: 'resolved', at, by: { kind: 'incident', id: other.id } } } : joined;
}

/** An incident with another one as its part: what that one was found by leads here, and it began when the first of both did. */
export function withPart(whole: Incident, part: Incident, except: ReadonlySet<string> = new Set()): Incident {
  const { established } = whole.identity;
  const aliases = withAliases(
    whole.aliases,
    aboutOf(part).filter((key) => key !== established && !except.has(key)),
  );
  const since = [whole.since, part.since].flatMap((at) => at ?? []).sort()[0];
  const isNew = aliases.length !== whole.aliases.length || since !== whole.since;
  return isNew ? { ...whole, aliases, ...(since === undefined ? {} : { since }) } : whole;
}

/** Of two that are one, the younger becomes a part of the older; of the same moment the id decides. */
export function isOlder(one: Incident, other: Incident): boolean {
  const [a, b] = [Date.parse(one.openedAt), Date.parse(other.openedAt)];
  return a === b ? one.id < other.id : a < b;
}

/** An open incident whose pods have their images, or are gone; the very incident where it is over already. */
export function recovered(
  incident: Incident,
  given: { readonly at: string; readonly pods: number; readonly pulled: number; readonly changes: readonly Change[] },
): Incident {
  if (incident.life.status === 'resolved') return incident;
  const { at, pods, pulled, changes } = given;
  return { ...incident, life: { status: 'resolved', at, by: { kind: 'recovery', pods, pulled, changes: [...changes] } } };
}

/** How long after its end an incident is opened again where the same returns, ms; later that is a new one. */
const REOPENED_WITHIN_MS = 3_600_000;

/** Whether what an incident was about may open it again. */
export function mayReopen({ life }: Incident, now: Date): boolean {
  return life.status === 'resolved' && now.getTime() - Date.parse(life.at) < REOPENED_WITHIN_MS;
}

/** A resolved incident, open once more; the very incident where it is open. */
export function reopened(incident: Incident, at: string): Incident {
  if (incident.life.status !== 'resolved') return incident;
  return { ...incident, life: { status: 'reopened', at, resolvedAt: incident.life.at } };
}

/** A resolved incident that is not found by what it was about any more; the very incident where it is open. */
export function forgotten(incident: Incident): Incident {
  return incident.life.status === 'resolved' ? { ...incident, identity: {}, aliases: [] } : incident;
}
