import { parseImageReference } from '../../facts/image-reference.ts';
import type { Symptom } from './pull-error.ts';

/** Images that moved, or whose registry was shut down: a row of `movedImages` in runbooks/pull-errors.yaml. */
export interface MovedImages {
  readonly id: string;
  readonly registries: readonly string[];
  /** With what the repository begins; absent for every repository of the registries. */
  readonly under?: readonly string[] | undefined;
  /** Symptoms with which it is worth saying. */
  readonly symptoms: readonly Symptom[];
  /** What happened, when, and what to use now. */
  readonly says: string;
}

/** The sentence about an image that moved, where a failure with this symptom may come from that. The first row wins. */
export function movedHint(image: string, symptom: Symptom, rows: readonly MovedImages[]): string | undefined {
  const candidates = rows.filter((row) => row.symptoms.includes(symptom));
  const parsed = candidates.length === 0 ? undefined : parseImageReference(image);
  if (parsed?.status !== 'valid') return undefined;
  const { registry, repository } = parsed.reference;
  return candidates.find(
    ({ registries, under }) => registries.includes(registry) && (under?.some((prefix) => repository.startsWith(prefix)) ?? true),
  )?.says;
}
