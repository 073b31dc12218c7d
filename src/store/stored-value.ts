import { z } from 'zod';
import { CodedError } from '../errors.ts';
import { PullFigures } from '../facts/pull-figures.ts';
import type { PostedMessage } from '../incident/message.ts';

/** What every stored value has. */
export interface Stored {
  readonly id: string;
  readonly revision: number;
}

/** How values are written; an older program must not guess what a newer one means. */
export const FORMAT = '1';

/** The rest is as this program wrote it. */
const Envelope = z.looseObject({ id: z.string(), revision: z.int().nonnegative() });
const StoredFigures = z.object({ format: z.literal(FORMAT), figures: z.array(PullFigures).max(100) });
const PostedEntry = z.discriminatedUnion('status', [
  z.object({ status: z.literal('posting'), since: z.string() }),
  z.object({ status: z.literal('posted'), ts: z.string(), digest: z.string() }),
]);

/** A run or incident as it comes out of Redis; `what` names it for people. Throws `store/unknown-format`, `store/unreadable`. */
export function parseStored<T extends Stored>(what: string, format: string, json: string): T {
  if (format !== FORMAT)
    throw new CodedError(
      'store/unknown-format',
      `The ${what} is stored in format "${format}", this imagepull knows ${FORMAT}. Run the same version in all processes that share a Redis.`,
    );
  // Only this program writes under the prefix, and the format tells which shape; the envelope catches what is no value at all.
  return parse(Envelope, what, json) as unknown as T;
}

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
      {
        cause,
      },
    );
  }
}
