import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Answer, no, yes } from './answer.ts';
import { contentProblem } from './web-api.ts';
import type { Workspace } from './workspace.ts';

/** Where somebody did what an app may respond to. */
interface Origin {
  readonly channel: string;
  readonly user: string;
  readonly threadTs?: string | undefined;
}

const Response = z.object({
  response_type: z.enum(['ephemeral', 'in_channel']).default('ephemeral'),
  replace_original: z.boolean().default(false),
  delete_original: z.boolean().default(false),
  text: z.string().default(''),
  blocks: z.array(z.unknown()).optional(),
});
/** Slack's limits. */
const MAX_USES = 5;
const MAX_AGE_MS = 30 * 60_000;
const MAX_TEXT = 40_000;

/** The addresses at which an app responds to a command or a click. What it says is shown to that person alone unless it asks for the channel. */
export class ResponseUrls {
  readonly #base: string;
  readonly #workspace: Workspace;
  readonly #made = new Map<string, { readonly origin: Origin; readonly at: number; uses: number }>();

  constructor(base: string, workspace: Workspace) {
    this.#base = base;
    this.#workspace = workspace;
  }

  make(origin: Origin): string {
    const path = `/response/${randomUUID()}`;
    this.#made.set(path, { origin, at: Date.now(), uses: 0 });
    return `${this.#base}${path}`;
  }

  /** Does what an app sends to an address. */
  answer(path: string, body: unknown): Answer {
    const made = this.#made.get(path);
    if (made === undefined) return no('invalid_url');
    if (made.uses >= MAX_USES) return no('used_url');
    if (Date.now() - made.at > MAX_AGE_MS) return no('expired_url');
    const read = Response.safeParse(body);
    if (!read.success) return no('invalid_payload');
    made.uses++;
    const { delete_original: deletes, replace_original: replaces, response_type: type, text, blocks = [] } = read.data;
    // The messages that are clicked on in the demo stay: the bot asks for neither.
    if (deletes || replaces) return no('not_in_this_stand_in');
    const wrong = contentProblem({ text, blocks }, MAX_TEXT);
    if (wrong) return wrong;
    const { channel, user, threadTs } = made.origin;
    if (type === 'in_channel') this.#workspace.post({ channel, user: this.#workspace.botUser, text, blocks, threadTs });
    else this.#workspace.whisper({ channel, user, text, blocks, threadTs });
    return yes({});
  }
}
