import { canonicalReference, parseImageReference } from '../../facts/image-reference.ts';
import type { RuntimeImage } from '../cri/runtime.ts';
import type { ImageUse } from '../image-use.ts';
import type { KeepRule } from './outcome.ts';
import type { PlannedImage, PrunePlan } from './plan.ts';

/** What is known of an image when it is decided whether it may go: while a plan is made, and right before each removal. */
export interface Candidate {
  readonly planned: PlannedImage;
  readonly current: RuntimeImage & { readonly usedBy: readonly ImageUse[] };
  readonly plan: Pick<PrunePlan, 'keep' | 'awaited' | 'minimumAgeMs'>;
  /** Whether the sandboxes of pods are made from it. */
  readonly sandbox: boolean;
  /** Since when it is on the node, as the node's files say now; absent where they do not. RFC 3339. */
  readonly since?: string | undefined;
  readonly now: Date;
}

/** What is judged of an image itself; the others are what a runtime does against its removal. */
export type ImageRule = Exclude<KeepRule, 'refused' | 'still-there'>;

interface Rule {
  readonly rule: ImageRule;
  /** Why the image is kept, as a sentence part; undefined where this rule has nothing against its removal. */
  readonly because: (candidate: Candidate) => string | undefined;
}

const RULES: readonly Rule[] = [
  {
    rule: 'in-use',
    because: ({ current: { usedBy } }) => {
      const [first] = usedBy;
      if (!first) return undefined;
      const more = usedBy.length > 1 ? `, and ${usedBy.length - 1} more` : '';
      const where = first.pod === undefined ? '' : ` of ${first.pod}`;
      return `container ${first.name || first.container}${where} (${first.state}) ${first.as === 'image' ? 'is made from it' : 'has it mounted'}${more}`;
    },
  },
  { rule: 'pinned', because: ({ current }) => (current.pinned ? 'the runtime has pinned it' : undefined) },
  {
    rule: 'sandbox',
    because: ({ sandbox }) => (sandbox ? 'every pod needs it for its sandbox' : undefined),
  },
  {
    rule: 'awaited',
    because: ({ current, plan }) => {
      const own = new Set(namesOf(current).flatMap(spellings));
      const found = plan.awaited.find((name) => spellings(name).some((spelling) => own.has(spelling)));
      return found === undefined ? undefined : `a pod that has not begun needs ${found}`;
    },
  },
  {
    rule: 'pattern',
    because: ({ current, plan }) => {
      const found = plan.keep.find((pattern) =>
        namesOf(current)
          .flatMap(spellings)
          .some((name) => matches(pattern, name)),
      );
      return found === undefined ? undefined : `the pattern ${found} keeps it`;
    },
  },
  {
    rule: 'too-young',
    because: ({ planned: { seenAt }, since, plan, now }) => {
      // Removed and pulled again since the plan was made, it is young again.
      const again = since !== undefined && Date.parse(since) > Date.parse(seenAt);
      if (now.getTime() - Date.parse(again ? since : seenAt) >= plan.minimumAgeMs) return undefined;
      return again ? `it is on the node since ${since}` : `it was first seen at ${seenAt}`;
    },
  },
  {
    rule: 'other-names',
    because: ({ planned, current }) => {
      const approved = new Set([...planned.tags, ...planned.digests]);
      const other = [...current.tags, ...current.digests].find((name) => !approved.has(name));
      return other === undefined ? undefined : `it would take ${other} with it, which the plan does not name`;
    },
  },
];

/** The first rule that keeps an image, with its reason; undefined where it may go. */
export function keptBy(candidate: Candidate): { readonly rule: ImageRule; readonly because: string } | undefined {
  for (const { rule, because } of RULES) {
    const reason = because(candidate);
    if (reason !== undefined) return { rule, because: reason };
  }
  return undefined;
}

function namesOf({ id, tags, digests }: RuntimeImage): readonly string[] {
  return [id, ...tags, ...digests];
}

/** A name as it is written, and with all that it leaves out: pods say `nginx`, runtimes `docker.io/library/nginx:latest`. */
function spellings(name: string): readonly string[] {
  const parsed = parseImageReference(name);
  if (parsed.status === 'invalid') return [name, name.replace(/^sha256:/, '')];
  // With a tag and a digest, the digest is what was pulled.
  return [name, canonicalReference(parsed.reference)];
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return name === pattern;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
