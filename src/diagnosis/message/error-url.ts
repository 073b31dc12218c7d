/** One URL of a message; `upstream` is the registry a containerd mirror was asked to stand in for (`?ns=`). */
export interface ErrorUrl {
  readonly host: string;
  /** False for links to documentation, such as the one in Docker Hub's rate-limit sentence. */
  readonly requested: boolean;
  readonly upstream?: string;
  /** True for the paths of the registry's API and for the scope of a token for it. */
  readonly registryApi: boolean;
  /** The repository, when a manifest was asked for. */
  readonly repository?: string;
}

/** Reads what stands behind `https://`; undefined where there is no host. */
export function readUrl(rest: string, requested: boolean): ErrorUrl | undefined {
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host === '') return undefined;
  const path = end < 0 ? '' : rest.slice(end);
  const upstream = path.includes('ns=') ? /[?&]ns=([A-Za-z0-9.:-]{1,255})/.exec(path)?.[1] : undefined;
  const repository = path.includes('/manifests/') ? /\/v2\/([^?#]{1,300})\/manifests\//.exec(path)?.[1] : undefined;
  return {
    host,
    requested,
    registryApi: REGISTRY_API.test(path),
    ...(upstream === undefined ? {} : { upstream }),
    ...(repository === undefined ? {} : { repository }),
  };
}

/** The registry API's paths (version 2, and images of version 1), and a token server's question for the right to pull. */
const REGISTRY_API = /\/v2\/|\/v1\/repositories\/|[?&]scope=repository/;
