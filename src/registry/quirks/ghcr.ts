import type { Quirk } from './quirk.ts';

/** GitHub: private and missing packages look alike, at the token server as well; a classic token needs read:packages, and single sign-on. */
export const ghcr: Quirk = {
  name: 'GitHub Container Registry',
  hosts: /^(?:ghcr\.io|docker\.pkg\.github\.com)$/,
  hidesMissing: [401, 403],
};
