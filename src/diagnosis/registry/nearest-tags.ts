import { distance } from 'fastest-levenshtein';

/** A tag that may have been meant, and why. */
export interface NearTag {
  readonly tag: string;
  readonly because: string;
}

const MOST = 5;
/** Comparing more than this would cost more than it tells; registries list the newest or the alphabetically first anyway. */
const MAX_COMPARED = 10_000;

interface Version {
  readonly numbers: readonly number[];
  /** What stands behind the numbers: `-alpine`. */
  readonly variant: string;
}

/** The tags nearest to one that is missing, the most plausible first, five at most. */
export function nearestTags(wanted: string, tags: readonly string[]): readonly NearTag[] {
  const target = versionOf(wanted);
  const ranked = [...new Set(tags.slice(0, MAX_COMPARED))]
    .filter((tag) => tag !== wanted)
    .flatMap((tag) => {
      const near = nearness(wanted, target, tag);
      return near ? [{ tag, ...near }] : [];
    });
  ranked.sort((a, b) => a.rank - b.rank || a.far - b.far || newestFirst(a.tag, b.tag));
  return ranked.slice(0, MOST).map(({ tag, because }) => ({ tag, because }));
}

interface Nearness {
  /** Kind of likeness, the most plausible first. */
  readonly rank: number;
  /** Distance within a kind. */
  readonly far: number;
  readonly because: string;
}

function nearness(wanted: string, target: Version | undefined, tag: string): Nearness | undefined {
  if (tag.toLowerCase() === wanted.toLowerCase()) return { rank: 0, far: 0, because: 'differs in upper and lower case only' };
  if (withoutPrefix(tag) === withoutPrefix(wanted)) return { rank: 1, far: 0, because: 'differs in the leading v only' };
  if (isHash(wanted) && tag.length > wanted.length && tag.toLowerCase().includes(hashOf(wanted)))
    return { rank: 2, far: 0, because: 'is the whole of this shortened hash' };
  if (isHash(tag) && isHash(wanted) && hashOf(wanted).startsWith(hashOf(tag)))
    return { rank: 2, far: 1, because: 'is the start of this hash' };
  const version = versionOf(tag);
  const likeness = target && version ? versionNearness(target, version) : undefined;
  if (likeness) return likeness;
  if (wanted.length >= 3 && (tag.startsWith(`${wanted}-`) || tag.startsWith(`${wanted}.`) || tag.startsWith(`${wanted}_`)))
    return { rank: 5, far: tag.length - wanted.length, because: 'is the longer form' };
  if (tag.length >= 3 && (wanted.startsWith(`${tag}-`) || wanted.startsWith(`${tag}.`) || wanted.startsWith(`${tag}_`)))
    return { rank: 5, far: wanted.length - tag.length, because: 'is the shorter form' };
  const edits = Math.abs(tag.length - wanted.length) > 3 ? Number.POSITIVE_INFINITY : distance(wanted.toLowerCase(), tag.toLowerCase());
  // Two versions that differ in a digit are other versions, not typing errors; those were weighed above.
  if (edits <= Math.min(2, Math.floor(wanted.length / 3)) && !(target && version))
    return { rank: 6, far: edits, because: 'is spelt nearly so' };
  return undefined;
}

/** Versions of the same variant: the longer and shorter forms, then the same minor, then the same major. */
function versionNearness(target: Version, version: Version): Nearness | undefined {
  const shared = sharedNumbers(target.numbers, version.numbers);
  const sameVariant = target.variant === version.variant;
  const last = (target.numbers[shared] ?? 0) - (version.numbers[shared] ?? 0);
  if (shared === target.numbers.length && sameVariant)
    return { rank: 3, far: version.numbers.length, because: 'is a release of this version' };
  if (shared === version.numbers.length && sameVariant)
    return { rank: 4, far: 10 - shared, because: 'is the shorter form of this version' };
  const sameNumbers = shared === target.numbers.length && shared === version.numbers.length;
  const edits = sameNumbers ? distance(target.variant, version.variant) : Number.POSITIVE_INFINITY;
  if (edits <= 2) return { rank: 2, far: edits, because: 'is spelt nearly so' };
  if (sameNumbers) return { rank: 3, far: 5, because: 'is the same version in another variant' };
  if (shared >= 2 && sameVariant) return { rank: 4, far: 20 + Math.abs(last), because: 'is another patch of the same minor version' };
  if (shared === 1 && sameVariant) return { rank: 7, far: Math.abs(last), because: 'is another minor version' };
  return undefined;
}

function sharedNumbers(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((number, at) => number !== b[at]);
  return differing < 0 ? a.length : differing;
}

/** `v1.27.3-alpine` as numbers and variant; undefined for what is no version. */
function versionOf(tag: string): Version | undefined {
  const match = /^v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,4})((?:[-_+.][A-Za-z0-9._+-]{0,120})?)$/.exec(tag);
  if (!match) return undefined;
  return { numbers: (match[1] ?? '').split('.').map(Number), variant: match[2] ?? '' };
}

function withoutPrefix(tag: string): string {
  return tag.replace(/^v(?=[0-9])/i, '');
}

function hashOf(tag: string): string {
  return tag.toLowerCase().replace(/^sha(?:256)?[-:]/, '');
}

/** A commit or digest, whole or shortened; a number alone is a version. */
function isHash(tag: string): boolean {
  return /^(?:sha(?:256)?[-:])?[0-9a-f]{6,64}$/i.test(tag) && /[a-f]/i.test(tag) && /[0-9]/.test(tag);
}

function newestFirst(a: string, b: string): number {
  const [left, right] = [versionOf(a)?.numbers ?? [], versionOf(b)?.numbers ?? []];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (right[at] ?? -1) - (left[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}
