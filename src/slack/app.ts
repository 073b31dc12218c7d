import type { Intake } from '../intake/intake.ts';
import type { Log } from '../telemetry/log.ts';
import { createApp, type SlackAccess } from './connection/connection.ts';
import { createDeliveries } from './delivery.ts';
import { alertMessage } from './interactions/alert-message.ts';
import { button } from './interactions/button.ts';
import { dispute } from './interactions/dispute.ts';
import { home } from './interactions/home.ts';
import type { Interaction } from './interactions/interaction.ts';
import { mention } from './interactions/mention.ts';
import { messageAction } from './interactions/message-action.ts';
import { picker } from './interactions/picker.ts';
import { planChoice, planReview } from './interactions/plan.ts';
import { pickerOptions } from './interactions/pod-options.ts';
import { silence } from './interactions/silence.ts';
import { slashCommand } from './interactions/slash-command.ts';
import { createLinks } from './links.ts';

/** Takes what people do in Slack. */
export interface SlackGateway {
  /** Whether what people do comes in. */
  isConnected(): boolean;
  /** Takes nothing new, lets what is under way end for a moment, and hangs up. */
  stop(): Promise<void>;
}

const INTERACTIONS: readonly Interaction[] = [
  slashCommand,
  mention,
  messageAction,
  button,
  picker,
  pickerOptions,
  silence,
  dispute,
  planReview,
  planChoice,
  alertMessage,
  home,
];

/** Connects to Slack and serves until stopped. Throws `config/slack` for tokens and scopes that do not do, `chat/unavailable` where Slack cannot be reached. */
export async function openSlackGateway(access: SlackAccess, intake: Intake, log: Log): Promise<SlackGateway> {
  const { app, workspaceUrl, connect } = await createApp(access, log);
  const parts = { intake, deliveries: createDeliveries(log), links: createLinks(workspaceUrl), log };
  for (const interaction of INTERACTIONS) interaction(app, parts);
  app.error(async (error) => log.warn('a Slack request failed', { because: error.message.slice(0, 300) }));
  const connection = await connect();
  return {
    isConnected: () => connection.isConnected(),
    async stop() {
      await connection.stop();
    },
  };
}
