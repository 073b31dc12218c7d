import type { Quirk } from './quirk.ts';

/** Docker Hub answers alike for private and missing repositories, and counts each GET of a manifest as a pull (docs.docker.com, docker-hub/usage). */
export const dockerHub: Quirk = {
  name: 'Docker Hub',
  hosts: /^(?:docker\.io|registry-1\.docker\.io)$/,
  apiHost: 'registry-1.docker.io',
  hidesMissing: [401, 403],
};
