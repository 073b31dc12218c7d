import type { Quirk } from './quirk.ts';

/** Azure Container Registry: its token server refuses with 401 also where only the tag is missing; a firewall names the address it blocks. */
export const acr: Quirk = {
  name: 'Azure Container Registry',
  hosts: /^[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,40})?\.azurecr\.(?:io|cn|us)$/,
  hidesMissing: [401],
  tokenServerHidesMissing: true,
  addressBlocked: /client with ip '?"?[0-9a-f.:]{3,45}'?"? is not allowed access/i,
};
