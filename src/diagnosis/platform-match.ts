import type { IndexMember, Platform } from './registry-answer.ts';
import { list } from './wording.ts';

/** What an older variant can be run by a node of a newer one: a 32-bit ARM node of v7 takes v6 and v5 as well. */
const ARM_VARIANTS = ['v5', 'v6', 'v7', 'v8'];

/** The member of an index that a node would pull, or undefined if there is none; exact variants before compatible ones. */
export function memberFor(node: Platform, members: readonly IndexMember[]): IndexMember | undefined {
  const fitting = members.flatMap((member) =>
    member.platform && fits(node, member.platform) ? [{ member, variant: variantOf(member.platform) }] : [],
  );
  fitting.sort((a, b) => ARM_VARIANTS.indexOf(b.variant) - ARM_VARIANTS.indexOf(a.variant));
  const best = fitting.find(({ variant }) => variant === variantOf(node)) ?? fitting[0];
  // A member that names no platform is taken for any.
  return best?.member ?? members.find(({ platform }) => platform === undefined);
}

/** `linux/arm/v7` */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** The platforms of an index, for people: `linux/amd64, linux/arm64 and 3 more`. */
export function platformsOf(members: readonly IndexMember[]): string {
  return list([...new Set(members.map(({ platform }) => (platform ? platformName(platform) : 'any platform')))], 6);
}

function fits(node: Platform, offered: Platform): boolean {
  if (node.os !== offered.os || node.architecture !== offered.architecture) return false;
  if (node.architecture !== 'arm' || !offered.variant) return true;
  return ARM_VARIANTS.indexOf(offered.variant) <= ARM_VARIANTS.indexOf(variantOf(node));
}

/** Nodes do not report a variant; these are what runtimes assume (containerd's platforms package). */
function variantOf({ architecture, variant }: Platform): string {
  return variant ?? (architecture === 'arm' ? 'v7' : architecture === 'arm64' ? 'v8' : '');
}
