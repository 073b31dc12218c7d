import type { Quirk } from './quirk.ts';

/** Google Artifact Registry (and gcr.io, which it serves): every 403 says "or it may not exist", and means it. */
export const gar: Quirk = {
  name: 'Google Artifact Registry',
  hosts: /^(?:[a-z0-9-]{1,60}-docker\.pkg\.dev|docker\.pkg\.dev|(?:[a-z]{1,10}\.)?gcr\.io)$/,
  hidesMissing: [401, 403],
};
