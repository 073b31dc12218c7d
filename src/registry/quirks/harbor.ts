import type { Quirk } from './quirk.ts';

/** Harbor: a missing project reads as 401 to nobody and 404 to others; a robot's name has a `$` that shells and charts eat. */
export const harbor: Quirk = {
  name: 'Harbor',
  headers: /^(?:set-cookie: sid=|x-harbor|www-authenticate: .{0,300}service="harbor-registry")/,
  hidesMissing: [401],
};
