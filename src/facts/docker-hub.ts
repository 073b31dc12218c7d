/** The names Docker Hub goes by: in image references, as a server, and as a key of docker configurations. */
export const DOCKER_HUB = {
  /** What an image reference without a registry means. */
  registry: 'docker.io',
  /** Serves the registry's API; docs.docker.com, "Registry HTTP API". */
  apiHost: 'registry-1.docker.io',
  /** Docker's first index, still a name for the registry (distribution/reference, `legacyDefaultDomain`). */
  index: 'index.docker.io',
  /** Under `auths`; what `docker login` writes. */
  loginKey: 'https://index.docker.io/v1/',
} as const;

/** The host (with port) that serves the API of a registry: the registry itself, except for Docker Hub. */
export function apiHostOf(registry: string): string {
  return registry.toLowerCase() === DOCKER_HUB.registry ? DOCKER_HUB.apiHost : registry;
}

/** Whether a registry, as an image reference or a request names it, is Docker Hub. */
export function isDockerHub(registry: string): boolean {
  const host = registry.toLowerCase();
  return host === DOCKER_HUB.registry || host === DOCKER_HUB.apiHost;
}
