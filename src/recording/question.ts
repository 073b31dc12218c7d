import type { KubeletReader } from '../cluster/cluster.ts';
import { canonicalReference } from '../facts/image-reference.ts';
import type { Node } from '../facts/kubernetes/kubernetes-object.ts';
import type { EndpointProber } from '../network/endpoint-prober.ts';
import type { Registry } from '../registry/registry.ts';

/** How a recording names questions; the recorder and the recorded world agree on it here. Accounts appear by name only. */

type First<F extends (...args: never[]) => unknown> = Parameters<F>[0];

export function aboutManifest(question: First<Registry['askManifest']>): string {
  const { reference, account, how, digest } = question;
  return [canonicalReference(reference), `as ${account.name}`, how, ...(digest === undefined ? [] : [digest])].join(' | ');
}

export function aboutTags({ reference, account }: First<Registry['listTags']>): string {
  return `${reference.registry}/${reference.repository} | as ${account.name}`;
}

export function aboutBlob({ reference, account, digest }: First<Registry['askBlob']>): string {
  return `${reference.registry}/${reference.repository}@${digest} | as ${account.name}`;
}

export function aboutEndpoint({ host, port, tls }: First<EndpointProber['probe']>): string {
  return `${tls ? 'tls' : 'tcp'} ${host}:${port}`;
}

/** When a log was asked since is left out: a replay asks at the time of the recording. */
export function aboutLog(node: Node, { words }: Parameters<KubeletReader['readLog']>[1]): string {
  return `${node.metadata.name} | ${words.join(', ')}`;
}
