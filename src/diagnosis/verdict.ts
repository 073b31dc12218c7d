import { codeOf, type Finding, type FindingCode, type ProvenNames, provenNames, type Sighting, sightingsOf } from './finding.ts';
import type { Reach } from './reach.ts';

export const FAMILIES = ['image', 'credentials', 'network', 'registry', 'rate-limit', 'disk', 'runtime'] as const;
/** The guide's classes of causes. */
export type Family = (typeof FAMILIES)[number];

/** Findings that count together: all of them must be there, and one of each list. One may have to be seen from a certain place. */
export type Combination = readonly (Sighting | readonly Sighting[])[];

/** One row of runbooks/causes.yaml: how a cause is recognised. What to do about it is in the same row, see remediation/cause-catalogue.ts. */
export interface Cause {
  readonly id: string;
  readonly family: Family;
  readonly reach: Reach;
  /** The runtime said it and an independent check agrees: confirmed. */
  readonly proof: readonly Combination[];
  /** The runtime, or a check where the runtime says nothing, names it: likely. */
  readonly primary: readonly Combination[];
  /** It may be: possible. */
  readonly hints: readonly Combination[];
  /** Findings that answer what the hints only guess; with one of them hints do not count. */
  readonly settles: readonly FindingCode[];
  /** Findings with which only proof counts: the message is then not the registry's own word. */
  readonly needsProofWith: readonly FindingCode[];
  /** Shown as speaking for it, without making it surer: what the bot sees proves nothing about a node. */
  readonly supports: readonly FindingCode[];
  readonly contradicts: readonly FindingCode[];
  /** Worth knowing beside the cause; speaks neither for nor against it. */
  readonly context: readonly FindingCode[];
  /** Ids of the checks that would settle it. */
  readonly checks: readonly string[];
}

/** `confirmed`: the runtime said it and an independent check agrees. `likely`: only the runtime said it. `possible`: the rest. */
export type Confidence = 'confirmed' | 'likely' | 'possible';

/** A weaker cause that the findings leave open. */
export interface Alternative {
  readonly cause: string;
  readonly confidence: Confidence;
}

/** What follows from the findings about the most telling failing image of a pod. */
export interface Verdict {
  /** Id of a cause, `undetermined` when something fails and the findings do not name why, null when no image fails. */
  readonly cause: string | null;
  readonly family: Family | null;
  readonly confidence: Confidence;
  /** What speaks for it, one sentence each. */
  readonly because: readonly string[];
  /** What speaks against it. */
  readonly against: readonly string[];
  /** What is worth knowing beside it. */
  readonly context: readonly string[];
  readonly alternatives: readonly Alternative[];
  /** The objects that the findings behind it prove by name; one is left out where they name several. */
  readonly names?: ProvenNames;
  /** Ids of checks that would settle the cause and that nobody made. */
  readonly unanswered: readonly string[];
}

const RANK: Readonly<Record<Confidence, number>> = { confirmed: 2, likely: 1, possible: 0 };

/** Orders confidences, the surest first. */
export function surerFirst(a: Confidence, b: Confidence): number {
  return RANK[b] - RANK[a];
}

/**
 * Weighs every cause against the findings. `answered` are the checks that were made. Call it only when an image fails;
 * without any match the cause is `undetermined`.
 */
export function reachVerdict(findings: readonly Finding[], causes: readonly Cause[], answered: ReadonlySet<string>): Verdict {
  const seen = { all: sightingsOf(findings), direct: sightingsOf(findings.filter((finding) => !finding.indirect)) };
  const weighed = causes.flatMap((cause, order) => weigh(cause, seen, order));
  weighed.sort((a, b) => surerFirst(a.confidence, b.confidence) || b.strength - a.strength || a.order - b.order);
  const [best, ...rest] = weighed;
  // Three or more guesses, all as weak as the best of them, are no verdict: naming one would be a coin toss.
  const undecided = best?.confidence === 'possible' && best.strength === 0 && rest.length > 1;
  if (!best || undecided) {
    const candidates = undecided ? weighed : [];
    const telling = (finding: Finding) => tellsFailure(finding) || candidates.some(({ backing }) => backing.has(finding.code));
    return {
      cause: 'undetermined',
      family: sameFamily(candidates.map((candidate) => candidate.cause.family)),
      confidence: 'possible',
      because: sentences(findings.filter(telling)),
      against: [],
      context: sentences(findings.filter((finding) => !telling(finding))),
      alternatives: candidates.map(({ cause, confidence }) => ({ cause: cause.id, confidence })),
      unanswered: open(
        candidates.length > 0 ? candidates.flatMap(({ cause }) => cause.checks) : causes.flatMap((cause) => cause.checks),
        answered,
      ),
    };
  }
  const names = provenNames(findings.filter((finding) => best.backing.has(finding.code)));
  return {
    cause: best.cause.id,
    family: best.cause.family,
    confidence: best.confidence,
    because: sentences(findings.filter((finding) => best.backing.has(finding.code))),
    against: sentences(findings.filter((finding) => best.cause.contradicts.includes(finding.code))),
    context: sentences(findings.filter((finding) => best.cause.context.includes(finding.code) && !best.backing.has(finding.code))),
    alternatives: rest.filter((other) => isLeftOpen(other, best)).map(({ cause, confidence }) => ({ cause: cause.id, confidence })),
    ...(Object.keys(names).length === 0 ? {} : { names }),
    unanswered: open(best.cause.checks, answered),
  };
}

/** What says that a pull fails or hangs; by itself it speaks for no cause, and without it there would be nothing to explain. */
function tellsFailure({ code }: Finding): boolean {
  return code.startsWith('pull-error/') || code === 'pod/pull-no-progress';
}

/** A cause that rests on nothing but what a confirmed one explains is no alternative to it. */
function isLeftOpen(other: Weighed, best: Weighed): boolean {
  return best.confidence !== 'confirmed' || [...other.backing].some((code) => !best.backing.has(code));
}

interface Weighed {
  readonly cause: Cause;
  readonly confidence: Confidence;
  /** 1 with a primary or several findings behind it, 0 for a hint alone. */
  readonly strength: number;
  readonly backing: ReadonlySet<FindingCode>;
  readonly order: number;
}

/** What was seen at all, and what was seen on this very pod. */
interface Seen {
  readonly all: ReadonlySet<Sighting>;
  readonly direct: ReadonlySet<Sighting>;
}

function weigh(cause: Cause, { all, direct }: Seen, order: number): Weighed[] {
  const proof = holding(cause.proof, direct);
  const doubted = cause.needsProofWith.some((code) => all.has(code));
  const primary = doubted ? [] : holding(cause.primary, direct);
  const settled = doubted || cause.settles.some((code) => all.has(code));
  const hints = settled ? [] : holding([...cause.hints, ...cause.primary, ...cause.proof], all);
  const contradicted = cause.contradicts.some((code) => all.has(code));
  const named = proof.length + primary.length > 0;
  if (!named && (hints.length === 0 || contradicted)) return [];
  const confidence: Confidence = !named || contradicted ? 'possible' : proof.length > 0 ? 'confirmed' : 'likely';
  const supports = cause.supports.filter((code) => all.has(code) && !cause.contradicts.includes(code));
  const backing = new Set([
    ...(named ? [...proof, ...primary] : hints)
      .flat(2)
      .filter((sighting) => all.has(sighting))
      .map(codeOf)
      .filter((code) => !cause.contradicts.includes(code)),
    ...supports,
  ]);
  return [{ cause, confidence, strength: named ? 1 : 0, backing, order }];
}

function holding(combinations: readonly Combination[], seen: ReadonlySet<Sighting>): readonly Combination[] {
  return combinations.filter((combination) => holds(combination, seen));
}

/** True when everything that a combination asks for was seen. */
export function holds(combination: Combination, seen: ReadonlySet<Sighting>): boolean {
  return combination.every((part) => [part].flat().some((sighting) => seen.has(sighting)));
}

function sameFamily(families: readonly Family[]): Family | null {
  const [first] = families;
  return first !== undefined && families.every((family) => family === first) ? first : null;
}

function sentences(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.map((finding) => finding.says))];
}

function open(checks: readonly string[], answered: ReadonlySet<string>): readonly string[] {
  return [...new Set(checks)].filter((check) => !answered.has(check));
}
