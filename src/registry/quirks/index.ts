import { splitPort } from '../../facts/image-reference.ts';
import { acr } from './acr.ts';
import { artifactory } from './artifactory.ts';
import { dockerHub } from './docker-hub.ts';
import { ecr } from './ecr.ts';
import { ecrPublic } from './ecr-public.ts';
import { gar } from './gar.ts';
import { ghcr } from './ghcr.ts';
import { gitlab } from './gitlab.ts';
import { harbor } from './harbor.ts';
import { nexus } from './nexus.ts';
import { quay } from './quay.ts';
import type { Quirk } from './quirk.ts';
import { registryK8sIo } from './registry-k8s-io.ts';

/** Every family, the first that matches wins. registry.k8s.io comes before Google's, whose pattern its old name matches too. */
const QUIRKS: readonly Quirk[] = [registryK8sIo, dockerHub, ecrPublic, ecr, gar, acr, ghcr, quay, gitlab, artifactory, harbor, nexus];

/** A registry that follows the specification, as far as anybody knows. */
const PLAIN: Quirk = { name: 'registry', conflatesMissing: true };

/** The family of a registry: by the host of the reference, else by the headers of an answer. */
export function quirkOf(registry: string, headers: Readonly<Record<string, string>> = {}): Quirk {
  const host = splitPort(registry).host.toLowerCase();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`.toLowerCase().slice(0, 1000));
  return (
    QUIRKS.find((quirk) => quirk.hosts?.test(host)) ?? QUIRKS.find((quirk) => lines.some((line) => quirk.headers?.test(line))) ?? PLAIN
  );
}

/** The host (with port) that serves the API of a registry. */
export function apiHostOf(registry: string): string {
  return quirkOf(registry).apiHost ?? registry;
}
