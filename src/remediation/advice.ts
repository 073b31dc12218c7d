import type { FindingCode } from '../diagnosis/finding.ts';
import type { PodImage, Target } from '../diagnosis/pod/target.ts';
import type { CauseCatalogue, Guide, GuideTemplate } from './cause-catalogue.ts';
import { type Command, filled } from './command.ts';
import { fillText, type PlaceholderValues } from './placeholders.ts';
import { type FixTemplate, fitsFindings, type Procedure, procedureFor } from './procedure.ts';

/** Something a person can do, with commands filled in for this pod. */
export interface Remediation {
  readonly action: string;
  readonly title: string;
  readonly commands: readonly Command[];
  /** What becomes of the manifest or the values in Git, as lines of a diff. */
  readonly manifest?: readonly string[];
}

/** What the fixes have to fit. */
export interface Situation {
  readonly image: PodImage;
  readonly target: Pick<Target, 'workload' | 'managedBy'>;
  /** Codes of the findings about this image. */
  readonly found: ReadonlySet<FindingCode>;
}

/**
 * What to do about a cause for one image; empty where there is nothing to go by. What does not fit what was found, the kind
 * of workload or the kind of container is left out. The sandbox's image is named in the configuration of the node's
 * runtime, so what would change the pod is replaced for it.
 */
export function remediationsFor(
  guide: Pick<Guide, 'fix'> | undefined,
  catalogue: CauseCatalogue,
  situation: Situation,
  values: PlaceholderValues,
): readonly Remediation[] {
  const wanted = (guide?.fix ?? []).filter((fix) => fitsFindings(fix, situation.found));
  const kinds = { workload: situation.target.workload?.kind ?? 'Pod', container: situation.image.kind };
  const chosen = wanted.flatMap((fix) => {
    const procedure = procedureFor(fix, catalogue.procedures, kinds);
    return procedure === undefined ? [] : [{ fix, procedure }];
  });
  const firstInGit = chosen.find(({ fix }) => fix.manifest !== undefined)?.fix;
  const fixes = chosen.flatMap(({ fix, procedure }, at) => [
    ...(fix === firstInGit ? changeInGit(fix, catalogue, situation, values) : []),
    remediationOf(fix, procedure, { first: at === 0, values }),
  ]);
  const sandbox = kinds.container === 'pod sandbox' && chosen.length < wanted.length ? [guidance(catalogue.sandbox, values)] : [];
  return [...fixes, ...sandbox];
}

function remediationOf(
  fix: FixTemplate,
  procedure: Procedure,
  given: { readonly first: boolean; readonly values: PlaceholderValues },
): Remediation {
  const { first, values } = given;
  const title = fix.alternative && !first ? `Or ${fix.title[0]?.toLowerCase()}${fix.title.slice(1)}` : fix.title;
  return {
    action: fix.action,
    title: fillText(procedure.note === undefined ? title : `${title}. ${procedure.note}`, values),
    commands: [...(fix.commands ?? []), ...procedure.commands].map((command) => filled(command, values)),
  };
}

/** Where a tool applies the manifests, what kubectl changes does not last; so that comes before the first such change. */
function changeInGit(
  { manifest }: FixTemplate,
  catalogue: CauseCatalogue,
  { target }: Situation,
  values: PlaceholderValues,
): readonly Remediation[] {
  if (target.managedBy === undefined || manifest === undefined) return [];
  const lines = manifest.map((line) => fillText(line, values));
  return [{ ...guidance(catalogue.managers[target.managedBy.tool], values), manifest: lines }];
}

function guidance(template: GuideTemplate, values: PlaceholderValues): Remediation {
  return {
    action: template.action,
    title: fillText(template.title, values),
    commands: template.commands.map((command) => filled(command, values)),
  };
}
