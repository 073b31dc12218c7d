import { z } from 'zod';
import { asCodedError } from '../../errors.ts';
import type { Refusal } from '../intake.ts';
import type { Person as Asker } from '../people.ts';
import { type Deciding, decide } from './decide.ts';
import { freeze, unfreeze } from './freeze.ts';
import type { PlanParts } from './plan-parts.ts';
import { type Choosing, type Proposing, proposeRemedy, refused } from './propose.ts';
import { openReview, type Review } from './review.ts';
import { probeUnasked } from './unasked.ts';

const Choices = z.array(
  z.union([
    z.strictObject({ tag: z.string().max(128), digest: z.string().max(80), because: z.string().max(500) }),
    z.strictObject({ secret: z.string().max(253) }),
  ]),
);
/** What somebody may choose from, each proven. */
export type Choices = z.infer<typeof Choices>;

/** How long somebody waits for what they may choose from, ms. */
const WAIT_MS = 20_000;

/** Takes what people want done about an incident, and what they decide. Throws as Intake does. */
export interface PlanDesk {
  propose(asked: Proposing): Promise<{ readonly status: 'noted'; readonly planId: string } | Choosing | Refusal>;
  /** Has the node of a finished run probed though nobody asked, where the configuration lets that be. Throws what the store and the chat throw. */
  probe(runId: string): Promise<void>;
  /** What may be chosen, asked of the executor, which proves each. */
  choices(choosing: Choosing): Promise<{ readonly status: 'found'; readonly choices: Choices } | Refusal>;
  review(asked: {
    readonly person: Asker;
    readonly planId: string;
    readonly digest: string;
    readonly opens: 'approve' | 'deny';
  }): Promise<Review | Refusal>;
  decide(asked: Deciding): Promise<{ readonly status: 'noted'; readonly says: string } | Refusal>;
  freeze(asked: {
    readonly person: Asker;
    readonly cluster?: string | undefined;
    readonly reason?: string | undefined;
  }): Promise<{ readonly status: 'done'; readonly says: string } | Refusal>;
  unfreeze(asked: {
    readonly person: Asker;
    readonly cluster?: string | undefined;
  }): Promise<{ readonly status: 'done' | 'waiting'; readonly says: string } | Refusal>;
}

/** The gateway's side of remedies. */
export function createPlanDesk(parts: PlanParts): PlanDesk {
  return {
    propose: (asked) => proposeRemedy(asked, parts),
    probe: (runId) => probeUnasked(runId, parts),
    async choices({ cluster, offer, runId }) {
      const { id, label: _, ...choice } = offer;
      try {
        const answer = await parts.queue.ask({ kind: 'choices', cluster, id: `${runId}.${id}`, choice }, WAIT_MS);
        return { status: 'found', choices: Choices.parse(answer) };
      } catch (cause) {
        if (asCodedError(cause).code !== 'queue/no-answer') throw cause;
        return refused('plan/no-executor', `No executor of ${cluster} has answered. Try again in a minute.`);
      }
    },
    async review({ digest, ...asked }) {
      const review = await openReview(asked, parts);
      if (review.status === 'open' && review.ticket.content.digest !== digest)
        return refused('plan/over', 'That button is of an older plan. The card shows the plan that counts.');
      return review;
    },
    decide: (asked) => decide(asked, parts),
    freeze: (asked) => freeze(asked, parts),
    unfreeze: (asked) => unfreeze(asked, parts),
  };
}
