import type { Controller, Owner, Pod } from '../../facts/kubernetes/kubernetes-object.ts';
import type { Manager } from './target.ts';

type Metadata = Pod['metadata'] | Owner['metadata'] | Controller['metadata'];

/** A label or annotation by which a tool marks what it applies; what applies a chart comes before the chart. */
interface Sign {
  readonly tool: Manager['tool'];
  readonly key: string;
  /** The value that counts; absent where any does. */
  readonly value?: string;
  /** Where the name of the release is, if a label has it. */
  readonly name?: (value: string, metadata: Metadata) => string | undefined;
}

const itself = (value: string) => value;
const SIGNS: readonly Sign[] = [
  { tool: 'Argo CD', key: 'argocd.argoproj.io/tracking-id', name: (value) => value.split(':', 1)[0] },
  { tool: 'Argo CD', key: 'argocd.argoproj.io/instance', name: itself },
  { tool: 'Flux', key: 'kustomize.toolkit.fluxcd.io/name', name: itself },
  { tool: 'Flux', key: 'helm.toolkit.fluxcd.io/name', name: itself },
  { tool: 'Helm', key: 'meta.helm.sh/release-name', name: itself },
  { tool: 'Helm', key: 'helm.sh/chart', name: releaseIn },
  { tool: 'Helm', key: 'app.kubernetes.io/managed-by', value: 'Helm', name: releaseIn },
];

/**
 * Which tool owns a workload by the labels and annotations of its pod and of those of its owners that were read. A chart
 * may leave them out, and somebody may have copied them, so they are signs and no proof.
 */
export function managerOf(objects: readonly { readonly what: string; readonly metadata: Metadata }[]): Manager | undefined {
  for (const { tool, key, value, name } of SIGNS) {
    for (const { what, metadata } of objects) {
      const [kind, found] = markOf(metadata, key);
      if (found === undefined || (value !== undefined && found !== value)) continue;
      const release = name?.(found, metadata);
      return { tool, ...(release && OBJECT_NAME.test(release) ? { name: release } : {}), sign: `${kind} ${key} of the ${what}` };
    }
  }
  return undefined;
}

function markOf(metadata: Metadata, key: string): readonly [kind: 'label' | 'annotation', value: string | undefined] {
  const label = metadata.labels?.[key];
  return label === undefined ? ['annotation', metadata.annotations?.[key]] : ['label', label];
}

/** Charts put the release's name here by convention. */
function releaseIn(_: string, metadata: Metadata): string | undefined {
  return metadata.labels?.['app.kubernetes.io/instance'];
}

const OBJECT_NAME = /^[a-z0-9][a-z0-9.-]{0,252}$/;
