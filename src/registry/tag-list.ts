import { z } from 'zod';
import { parseJson } from '../diagnosis/json.ts';

/** `tags` is null for an empty repository in some registries. */
const Body = z.object({ tags: z.array(z.string()).nullish() });
const MAX_TAG_LENGTH = 128;

/** The tags of one page; undefined when the body is something else. */
export function readTags(body: string): readonly string[] | undefined {
  const parsed = Body.safeParse(parseJson(body));
  return parsed.success ? (parsed.data.tags ?? []).filter((tag) => tag.length <= MAX_TAG_LENGTH) : undefined;
}
