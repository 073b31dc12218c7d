import { BlockList, isIP } from 'node:net';
import { literalAddress } from './ip-address.ts';

/** A server as a list of hosts is asked for it: host in lower case or an address, and for a name also the address it was resolved to. */
export interface ListedServer {
  readonly host: string;
  readonly port: number;
  readonly address?: string | undefined;
}

/**
 * Whether a list names a server. Its entries are names (`minio.corp.example`), `*.corp.example` for every name below, addresses and
 * CIDR ranges; a name or an address may have a port (`minio.corp.example:9000`, `[2001:db8::1]:443`) and then stands for that port only.
 */
export function isListed(entries: readonly string[], { host, port, address }: ListedServer): boolean {
  const name = plainName(host);
  return entries.some((entry) => {
    if (entry.includes('/')) return rangeHolds(entry, address ?? name);
    const listed = splitEntry(entry);
    if (listed.onlyPort !== undefined && listed.onlyPort !== port) return false;
    if (listed.name.startsWith('*.')) return name.endsWith(listed.name.slice(1).toLowerCase());
    const wanted = plainName(listed.name);
    return wanted === name || (address !== undefined && wanted === address);
  });
}

/** Whether a text can stand in such a list. */
export function isListEntry(entry: string): boolean {
  if (entry.includes('/')) return rangeOf(entry) !== undefined;
  const { name, onlyPort } = splitEntry(entry);
  const host = name.replace(/^\*\.|^\[|\]$/g, '');
  return (onlyPort ?? 1) <= 65_535 && (isIP(host) !== 0 || /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/i.test(host));
}

/** A name or address and the port behind it, if there is one. */
export function splitEntry(entry: string): { readonly name: string; readonly onlyPort?: number } {
  if (isIP(entry) !== 0) return { name: entry };
  const match = /^(.{1,255}):([0-9]{1,5})$/.exec(entry);
  return match?.[1] === undefined ? { name: entry } : { name: match[1], onlyPort: Number(match[2]) };
}

/** Lower case, without brackets and the root's dot; an address in its normal form. */
export function plainName(host: string): string {
  return literalAddress(host) ?? host.toLowerCase().replace(/\.$/, '');
}

/** Whether a CIDR range holds an address; false for what is no range, no address, or of the other family. */
export function rangeHolds(range: string, address: string): boolean {
  const parts = rangeOf(range);
  if (!parts || isIP(address) !== parts.family) return false;
  const block = new BlockList();
  const family = parts.family === 4 ? 'ipv4' : 'ipv6';
  block.addSubnet(parts.network, parts.prefix, family);
  return block.check(address, family);
}

/** Whether a text is a CIDR range. */
export function isRange(text: string): boolean {
  return rangeOf(text) !== undefined;
}

function rangeOf(text: string): { readonly network: string; readonly prefix: number; readonly family: 4 | 6 } | undefined {
  const [, network = '', digits = ''] = /^([0-9a-f.:]{2,45})\/([0-9]{1,3})$/i.exec(text) ?? [];
  const family = isIP(network);
  const prefix = Number(digits);
  if ((family !== 4 && family !== 6) || prefix > (family === 4 ? 32 : 128)) return undefined;
  return { network, prefix, family };
}
