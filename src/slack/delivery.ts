import { asCodedError, CodedError } from '../errors.ts';
import type { Log } from '../telemetry/log.ts';
import { deadline, endsWithin } from '../timing/deadline.ts';
import type { SlackMessage } from './blocks.ts';
import { paragraph } from './blocks.ts';
import { chatError } from './error.ts';
import { IDS } from './ids.ts';
import { escaped } from './text.ts';

/** How long people wait for what is only answered, ms. */
const ANSWER_MS = 20_000;
/** How long an acknowledgement waits for store and queue, ms: Slack waits for three seconds. */
const ACK_MS = 2_000;

/** Shows one person something at once. What must not be lost goes through the outbox instead. */
export type Reply = (message: SlackMessage) => Promise<unknown>;

/** One delivery of Slack. */
export interface Delivery {
  /** What it is, for the log. */
  readonly what: string;
  readonly ack: () => Promise<void>;
  readonly reply: Reply;
}

/** Acknowledges deliveries, and sees to it that what goes wrong is told to who asked, and logged once. */
export interface Deliveries {
  /** Does the work and acknowledges once nothing can be lost any more, which the work says, or when Slack would wait no longer. */
  accept(delivery: Delivery, work: (onKept: () => void) => Promise<void>): Promise<void>;
  /** Acknowledges, then does the work: of what can be asked again. */
  answer(delivery: Delivery, work: () => Promise<void>): Promise<void>;
}

/** Every interaction is handled with these. */
export function createDeliveries(log: Log): Deliveries {
  async function attempt({ what, reply }: Omit<Delivery, 'ack'>, work: () => Promise<void>): Promise<void> {
    try {
      await within(ANSWER_MS, work());
    } catch (cause) {
      const error = asCodedError(cause);
      log.warn('a request was not answered', { what, code: error.code, because: error.message });
      await reply(paragraph(sentenceFor(error))).catch((failure: unknown) =>
        log.warn('whoever asked could not be answered', { what, because: chatError(failure).message }),
      );
    }
  }

  return {
    async accept(delivery, work) {
      const kept = Promise.withResolvers<void>();
      const done = attempt(delivery, () => work(kept.resolve));
      await endsWithin(ACK_MS, Promise.race([kept.promise, done]));
      await delivery.ack();
      await done;
    },
    async answer(delivery, work) {
      await delivery.ack();
      await attempt(delivery, work);
    },
  };
}

/** Rejects with `slack/too-slow` when the work takes longer; the work itself goes on. */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return deadline({ ms, error: () => new CodedError('slack/too-slow', `It took longer than ${ms / 1000} s.`) }, () => work);
}

/** What people are told where something went wrong that is not their fault. */
function sentenceFor({ code, area, message }: CodedError): string {
  if (code === 'store/not-found')
    return `That is gone: I keep diagnoses and plans for 30 days, or until my store is lost. Ask again with \`${IDS.command} diagnose NAMESPACE/POD\`.`;
  if (area === 'store' || area === 'queue')
    return 'I cannot reach my store (Redis) at the moment. What arrived there before is still done; if nothing appears in a few minutes, ask again.';
  if (area === 'cluster' || area === 'target' || area === 'slack') return escaped(message);
  if (area === 'chat') return 'Slack does not tell me who may ask at the moment, so I start nothing. Try again in a minute.';
  return 'That went wrong on my side, and I have logged it. Try again; if it goes wrong again, whoever runs imagepull finds the reason in its log.';
}
