import type { Remedy } from '../approval/remedy.ts';
import { sightingsOf } from '../diagnosis/finding.ts';
import type { Run } from '../runbook/run.ts';

/** A look from a node that may tell more. */
export interface Look {
  readonly label: string;
  readonly remedy: Extract<Remedy, { readonly id: 'probe-node' }>;
}

/** Families of causes where a look from the node tells more than one from elsewhere. */
const FROM_NODE: ReadonlySet<string | null> = new Set(['network', 'registry', 'runtime']);

/**
 * The look from the node of a finished run's pod that comes next, if one does: first at what a pull of the image needs, then a pull where that has
 * not settled it; of a full disk a list of its images.
 */
export function lookOf({ target: { node }, conclusion, findings }: Run, image: string | undefined): Look | undefined {
  if (node === undefined || conclusion === undefined) return undefined;
  const { family, cause, confidence } = conclusion.verdict;
  if (family === 'disk') return { label: `List images of ${node}`, remedy: { id: 'probe-node', node, look: 'images' } };
  if (image === undefined || !(FROM_NODE.has(family) || cause === 'undetermined')) return undefined;
  const sightings = [...sightingsOf(findings)];
  if (!sightings.some((sighting) => sighting.startsWith('endpoint/') && sighting.endsWith('@node')))
    return { label: `Probe from ${node}`, remedy: { id: 'probe-node', node, look: 'probe', image } };
  if (confidence === 'confirmed' || sightings.includes('registry/exists@node')) return undefined;
  return { label: `Try the pull on ${node}`, remedy: { id: 'probe-node', node, look: 'pull', image } };
}
