import type { WebClient } from '@slack/web-api';
import type { DiagnosisAnswer, Intake, WithCard } from '../../intake/intake.ts';
import type { Log } from '../../telemetry/log.ts';
import { paragraph } from '../blocks.ts';
import type { SlackApp } from '../connection/connection.ts';
import type { Deliveries, Reply } from '../delivery.ts';
import type { Links } from '../links.ts';
import { escaped } from '../text.ts';

/** What an interaction is handled with. */
export interface InteractionParts {
  readonly intake: Intake;
  readonly deliveries: Deliveries;
  readonly links: Links;
  readonly log: Log;
}

/** Teaches the app one way in which people do something in Slack. */
export type Interaction = (app: SlackApp, parts: InteractionParts) => void;

/** Shows one person something in a channel, or in a thread of it. */
export function replyIn(
  client: WebClient,
  to: { readonly channel: string; readonly user: string; readonly thread?: string | undefined },
): Reply {
  const { channel, user, thread } = to;
  const where = thread === undefined ? {} : { thread_ts: thread };
  return ({ text, blocks }) => client.chat.postEphemeral({ channel, user, text, blocks: [...blocks], ...where });
}

/**
 * What is shown here and now; what this process does not get to show comes through the outbox. A run that has begun shows itself
 * by its card.
 */
export async function replyTo(answer: DiagnosisAnswer, reply: Reply, { intake, links }: InteractionParts): Promise<void> {
  if (answer.status === 'repeated' || answer.status === 'begun') return;
  await reply(paragraph(sentenceOf(answer, links)));
  if (answer.requestId !== undefined) await intake.seen(answer.requestId, answer.status === 'waiting' ? 'waiting' : 'answer');
}

function sentenceOf(answer: Exclude<DiagnosisAnswer, { status: 'begun' | 'repeated' }>, links: Links): string {
  switch (answer.status) {
    case 'refused':
      return escaped(answer.says);
    case 'waiting':
      return answer.worker
        ? 'That takes longer than usual. The card appears here as soon as it has begun.'
        : 'No worker of that cluster runs at the moment. The card appears here as soon as one does.';
    case 'running':
      return `That is being looked into already${toCard(answer, links)}.`;
    case 'joined':
      return `An incident about this pod is open; I look into it again${toCard(answer, links)}.`;
    default:
      return answer satisfies never;
  }
}

function toCard({ place, ts }: WithCard, links: Links): string {
  return place === undefined || ts === undefined ? '' : `: ${links.toMessage(place, ts, 'its card')}`;
}
