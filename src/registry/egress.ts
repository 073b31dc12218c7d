import type { EgressOptions } from '../network/address-guard.ts';
import type { TokenServers } from './auth/token-server.ts';
import { KNOWN_HOSTS } from './quirks.ts';

/** Which servers may be asked, in the words of the configuration. */
export interface RegistryEgress extends EgressOptions {
  readonly tokenServers?: TokenServers | undefined;
}

/** The same for an address guard: token servers that the configuration names, and hosts that known registries use, may be asked anywhere. */
export function egressOf({ allowLoopback, privateNetworks, allowPrivate = [], tokenServers = {} }: RegistryEgress): EgressOptions {
  return { allowLoopback, privateNetworks, allowPrivate: [...allowPrivate, ...Object.values(tokenServers).flat(), ...KNOWN_HOSTS] };
}
