import type { Quirk } from './quirk.ts';

/** registry.k8s.io redirects to a backend near the asker and refuses some countries and addresses with a page. k8s.gcr.io is frozen. */
export const registryK8sIo: Quirk = {
  name: 'registry.k8s.io',
  hosts: /^(?:registry\.k8s\.io|k8s\.gcr\.io)$/,
  addressBlocked: /<html|your client does not have permission|not available in your/i,
};
