import type { Quirk } from './quirk.ts';

/** JFrog Artifactory hides repositories that the asker may not read; a wrong path serves its login page. */
export const artifactory: Quirk = {
  name: 'JFrog Artifactory',
  hosts: /\.jfrog\.io$/,
  headers: /^(?:x-jfrog-version|x-artifactory-id|server: artifactory)/,
  hidesMissing: [401, 403, 404],
  conflatesMissing: true,
};
