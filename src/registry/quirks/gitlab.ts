import type { Quirk } from './quirk.ts';

/** GitLab's token server gives a token without rights instead of refusing, so a private or missing project is refused later, alike. */
export const gitlab: Quirk = {
  name: 'GitLab Container Registry',
  hosts: /^registry\.gitlab\.com$/,
  headers: /^www-authenticate: .{0,200}\/jwt\/auth"/,
  hidesMissing: [401, 403],
};
