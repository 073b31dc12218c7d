import { z } from 'zod';
import { CodedError } from '../errors.ts';
import { PullFigures } from '../facts/pull-figures.ts';
import type { PostedMessage } from '../incident/message.ts';

/** How figures are written. */
export const FIGURES_FORMAT = '1';

const StoredFigures = z.object({ format: z.literal(FIGURES_FORMAT), figures: z.array(PullFigures).max(100) });
const PostedEntry = z.discriminatedUnion('status', [
  z.object({ status: z.literal('posting'), since: z.string() }),
  z.object({ status: z.literal('posted'), ts: z.string(), digest: z.string() }),
]);

/** A node's figures as they come out of Redis. Throws `store/unreadable`. */
export function parseFigures(what: string, json: string): readonly PullFigures[] {
  return parse(StoredFigures, what, json).figures;
}

/** What became of a message, as it comes out of Redis. Throws `store/unreadable`. */
export function parsePosted(what: string, json: string): PostedMessage {
  return parse(PostedEntry, what, json);
}

function parse<T>(schema: z.ZodType<T>, what: string, json: string): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch (cause) {
    throw new CodedError(
      'store/unreadable',
      `The ${what} is not stored as imagepull writes it. Something else wrote under the same keys.`,
      { cause },
    );
  }
}
