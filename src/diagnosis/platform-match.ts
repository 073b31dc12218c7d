import type { IndexMember, Platform } from './registry-answer.ts';
import { list } from './wording.ts';

/** What an older variant can be run by a node of a newer one: a 32-bit ARM node of v7 takes v6 and v5 as well. */
const ARM_VARIANTS = ['v5', 'v6', 'v7', 'v8'];

/** The member of an index that a node would pull, or undefined if there is none; exact variants before compatible ones. */
export function memberFor(node: Platform, members: readonly IndexMember[]): IndexMember | undefined {
  const fitting = members.filter(({ platform }) => fits(node, platform));
  return fitting.find(({ platform }) => variantOf(platform) === variantOf(node)) ?? fitting.sort((a, b) => rank(b) - rank(a))[0];
}

/** `linux/arm/v7` */
export function platformName({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

/** The platforms of an index, for people: `linux/amd64, linux/arm64 and 3 more`. */
export function platformsOf(members: readonly IndexMember[]): string {
  return list([...new Set(members.map(({ platform }) => platformName(platform)))], 6);
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

function rank({ platform }: IndexMember): number {
  return ARM_VARIANTS.indexOf(variantOf(platform));
}
