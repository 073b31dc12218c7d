import { type DraftContext, type PullQuestion, type RefusedDraft, refused } from './draft.ts';

/** What could not be checked of images that can be pulled. */
export interface Proven {
  readonly notChecked: readonly string[];
}

/** Proves that pods would get all of some images; else why not, behind a sentence on what that means. */
export async function proveImages(
  images: readonly string[],
  pods: Omit<PullQuestion, 'image'>,
  { provePull, otherwise = '' }: Pick<DraftContext, 'provePull'> & { readonly otherwise?: string },
): Promise<Proven | RefusedDraft> {
  const notChecked: string[] = [];
  for (const image of images) {
    const proof = await provePull({ ...pods, image });
    if (proof.status !== 'pullable') return refused(`${otherwise}${otherwise === '' ? '' : ' '}${proof.says}`);
    notChecked.push(...proof.notChecked);
  }
  return { notChecked };
}
