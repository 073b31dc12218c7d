import type { IndexMember, Platform } from '../../facts/registry-answer.ts';
import { list } from '../../text/wording.ts';

/** What runtimes take for a node that reports no variant, the best first (containerd's platforms package): older ARM, and 32-bit x86. */
const COMPATIBLE: Readonly<Record<string, readonly string[]>> = {
  amd64: ['amd64', 'amd64/v1', '386'],
  arm64: ['arm64', 'arm64/v8', 'arm/v8', 'arm/v7', 'arm', 'arm/v6', 'arm/v5'],
  arm: ['arm/v7', 'arm', 'arm/v6', 'arm/v5'],
};

/** The member of an index that a node would pull, or undefined if there is none; the best fitting first. */
export function memberFor(node: Platform, members: readonly IndexMember[]): IndexMember | undefined {
  const own = members.filter(({ platform }) => platform?.os === node.os);
  const wanted = COMPATIBLE[node.architecture];
  const fitting = wanted
    ? wanted.flatMap((name) => own.find(({ platform }) => platform && shortName(platform) === name) ?? [])
    : own.filter(({ platform }) => platform?.architecture === node.architecture);
  // A member that names no platform is taken for any.
  return fitting[0] ?? members.find(({ platform }) => platform === undefined);
}

function shortName({ architecture, variant }: Platform): string {
  return variant ? `${architecture}/${variant}` : architecture;
}

/** `linux/arm/v7` */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** The platforms of an index, for people: `linux/amd64, linux/arm64 and 3 more`. */
export function platformsOf(members: readonly IndexMember[]): string {
  return list([...new Set(members.map(({ platform }) => (platform ? platformName(platform) : 'any platform')))], 6);
}
