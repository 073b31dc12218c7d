import { alertsOfMessage } from '../alerts/message-alerts.ts';
import type { AlertSource } from '../alerts/source.ts';
import { createRequestBudget } from '../network/request-budget.ts';
import type { Log } from '../telemetry/log.ts';
import { textOfMessage } from './alerts/message-text.ts';
import type { TakeAlerts } from './alerts/take.ts';
import type { IntakeParts } from './create-intake.ts';
import type { Intake } from './intake.ts';

/** A channel in which messages of some apps are alerts. */
export interface AlertChannel extends Pick<AlertSource, 'cluster' | 'namespaces'> {
  readonly channel: string;
  /** The chat's ids of apps. */
  readonly apps: readonly string[];
}

/** What taking messages needs. */
export interface AlertMessageParts {
  readonly channels: readonly AlertChannel[];
  readonly take: TakeAlerts;
  readonly log: Log;
}

/** Looked at within a minute, of each channel; the watch sees what is left out. */
const PER_MINUTE = 60;
/** At the same time, of each channel. */
const AT_ONCE = 8;

/** Takes messages of other apps as alerts whose thread is theirs. The same message once more is the same delivery. */
export function createAlertMessages({ alertMessages, now }: IntakeParts): Pick<Intake, 'alertMessage'> {
  const budget = createRequestBudget({ perMinute: PER_MINUTE, atOnce: AT_ONCE, now: () => now().getTime() });

  return {
    async alertMessage({ channel, ts, app, message, onKept }) {
      const listed = alertMessages?.channels.find((candidate) => candidate.channel === channel && candidate.apps.includes(app));
      if (!alertMessages || !listed) return;
      const source = { name: 'slack', cluster: listed.cluster, clusters: [], namespaces: listed.namespaces };
      const alerts = alertsOfMessage(textOfMessage(message), { source: source.name, id: `${channel}.${ts}` });
      const { take, log } = alertMessages;
      const answer = await budget.within(channel, () =>
        take({ alerts, problems: [], leftOut: 0, ignored: 0 }, source, { channel, thread: ts }),
      );
      if ('kind' in answer) log.warn('messages of apps come too fast, one was left out', { channel, app });
      else onKept?.();
    },
  };
}
