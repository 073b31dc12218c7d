import type { Finding } from '../diagnosis/finding.ts';
import { messageFindings } from '../diagnosis/message/message-findings.ts';
import type { PullError } from '../diagnosis/message/pull-error.ts';
import { type Confidence, type Family, reachVerdict } from '../diagnosis/verdict.ts';
import { parseImageReference } from '../facts/image-reference.ts';
import type { CauseCatalogue, CauseGuide } from '../remediation/cause-catalogue.ts';
import { fillText, PLACEHOLDERS, type PlaceholderValues } from '../remediation/placeholders.ts';

/** A cause that a message alone leaves possible. */
export interface PossibleCause {
  readonly cause: string;
  readonly family: Family;
  readonly confidence: Confidence;
  readonly means: string;
  /** What to do about it, in words: commands need the pod, and `diagnose` fills them in. */
  readonly fixes: readonly string[];
}

/** The causes that fit a message, the likeliest first; none where it names no cause. */
export function possibleCauses(error: PullError, catalogue: CauseCatalogue): readonly PossibleCause[] {
  const said: Finding = { code: `pull-error/${error.symptom}`, says: error.summary, evidence: [] };
  const verdict = reachVerdict([said, ...messageFindings(error, { evidence: [] })], catalogue.causes, new Set());
  const values = knownValues(error);
  const named = [{ cause: verdict.cause ?? '', confidence: verdict.confidence }, ...verdict.alternatives];
  return named.flatMap(({ cause, confidence }) => {
    const guide = catalogue.causes.find(({ id }) => id === cause);
    return guide ? [{ cause, family: guide.family, confidence, means: guide.means, fixes: fixTitles(guide, values) }] : [];
  });
}

/** Fixes that need nothing found by a check; which kind of workload it is, the message does not say. */
function fixTitles(guide: CauseGuide, values: PlaceholderValues): readonly string[] {
  const titles = guide.fix.filter((fix) => fix.when === undefined).map((fix) => fillText(fix.title, values));
  return titles;
}

/** What the message names; all else stays `<node>` and the like. */
function knownValues({ image, host }: PullError): PlaceholderValues {
  // The keys are those of the type: they come from the same list.
  const unknown = Object.fromEntries(PLACEHOLDERS.map((name) => [name, `<${name}>`])) as PlaceholderValues;
  const parsed = image === undefined ? undefined : parseImageReference(image);
  const registry = parsed?.status === 'valid' ? parsed.reference.registry : undefined;
  const reached = host ?? registry;
  return {
    ...unknown,
    ...(image === undefined ? {} : { image }),
    ...(registry === undefined ? {} : { registry }),
    ...(reached === undefined ? {} : { host: reached }),
    ...(parsed?.status === 'valid' ? { repositoryPath: parsed.reference.repository } : {}),
  };
}
