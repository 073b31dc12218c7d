import { DOCKER_HUB } from '../../facts/docker-hub.ts';
import { parseImageReference } from '../../facts/image-reference.ts';
import type { ErrorText } from './error-text.ts';
import type { ErrorUrl } from './error-url.ts';

/** The server that an error is about. */
export interface FailingHost {
  /** Host (and port) of the request that failed, or the registry written in the reference. */
  readonly host?: string;
  /** The registry that `host` was asked to stand in for. */
  readonly mirrorOf?: string;
}

/**
 * The host that failed, and whether it is a mirror: containerd says so (`?ns=`), and a manifest that was asked for at a host
 * which is not the image's, under the image's own repository, was asked of a mirror as well. `image` is the image that was
 * wanted. Where a registry redirects to, the path is another one; token servers and stores of layers have no manifests.
 */
export function failingHost(text: ErrorText, image: string | undefined): FailingHost {
  const url = text.urls.findLast(({ requested }) => requested);
  const host = url?.host ?? writtenHost(text.references) ?? text.lookedUp;
  if (host === undefined) return {};
  const mirrorOf = url === undefined ? mirrorInReference(text, host, image) : mirrorInUrl(url, image);
  return mirrorOf === undefined ? { host } : { host, mirrorOf };
}

/** A reference names a host only if its registry is written out; the last one is that of the innermost error. */
function writtenHost(references: readonly string[]): string | undefined {
  for (const reference of [...references].reverse()) {
    const slash = reference.indexOf('/');
    const first = slash < 0 ? '' : reference.slice(0, slash);
    if (first === 'localhost' || WRITTEN_HOST.test(first)) return first;
  }
  return undefined;
}

const WRITTEN_HOST = /^(?=[^.]{0,255}[.:])[A-Za-z0-9<>*#_-]{1,63}(?:\.[A-Za-z0-9<>*#_-]{1,63}){0,20}(?::[0-9]{1,5})?$/;

function mirrorInUrl(url: ErrorUrl, image: string | undefined): string | undefined {
  if (url.upstream !== undefined) return isSame(url.host, url.upstream) ? undefined : url.upstream;
  if (url.repository === undefined || image?.startsWith(`${url.host}/`)) return undefined;
  const wanted = wantedFrom(image);
  if (!wanted || isSame(url.host, wanted.registry)) return undefined;
  return url.repository === wanted.repository ? wanted.registry : undefined;
}

/** CRI-O names the place it asked: `reading manifest 1 in mirror.example/cache/shop/web`. */
function mirrorInReference(text: ErrorText, host: string, image: string | undefined): string | undefined {
  if (!text.words.includes('reading manifest <ref> in <ref>') || image?.startsWith(`${host}/`)) return undefined;
  const wanted = wantedFrom(image);
  if (!wanted || isSame(host, wanted.registry)) return undefined;
  return text.references.some((place) => place.startsWith(`${host}/`) && place.endsWith(`/${wanted.repository}`))
    ? wanted.registry
    : undefined;
}

function wantedFrom(image: string | undefined): { readonly registry: string; readonly repository: string } | undefined {
  const parsed = image === undefined ? undefined : parseImageReference(image);
  return parsed?.status === 'valid' ? parsed.reference : undefined;
}

/** Registries that answer under several names, and one that redirects to its successor under the same path. */
const SAME: readonly ReadonlySet<string>[] = [
  new Set([DOCKER_HUB.registry, DOCKER_HUB.index, DOCKER_HUB.apiHost, 'registry.hub.docker.com']),
  new Set(['k8s.gcr.io', 'registry.k8s.io']),
];

function isSame(host: string, registry: string): boolean {
  const [one, other] = [host, registry].map((name) => name.toLowerCase().replace(/:(?:443|80)$/, ''));
  return one === other || SAME.some((names) => names.has(one ?? '') && names.has(other ?? ''));
}
