import { isReadableByAny } from '../../intake/access.ts';
import type { AlertMessageParts } from '../../intake/alert-messages.ts';
import { type AlertIntakeParts, createAlertIntake, type TakeAlerts } from '../../intake/alerts/take.ts';
import type { TaskQueue } from '../../queue/task-queue.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { createWebhook } from '../../webhooks/webhook.ts';
import { type Environment, withSecretFiles } from '../config/secret-files.ts';
import { sourceSecrets } from '../config/variables.ts';
import type { Config } from '../config.ts';
import type { Listeners } from './listeners.ts';

/** Opens the webhooks that the configuration asks for. Throws `config/alerts`. */
export function openWebhooks(
  config: Config,
  given: {
    readonly store: Store;
    readonly queue: TaskQueue;
    readonly addRoute: Listeners['addRoute'];
    readonly log: Log;
    readonly metrics: Metrics;
    readonly now: () => Date;
    readonly environment: Environment;
  },
): void {
  const { sources } = config.alerts;
  if (sources.length === 0) return;
  const { addRoute, log } = given;
  addRoute(createWebhook({ ...given, sources, take: alertIntakeOf(config, given) }));
  if (config.redisUrl === undefined)
    log.warn('alerts that were acknowledged are lost if this process ends before it looked into them: REDIS_URL is not set');
  if (config.channels.default === undefined)
    log.warn('incidents that alerts open are told nowhere: channels.default is not set', { sources: sources.map(({ name }) => name) });
}

/** The environment with the secrets of alert sources that are in files. Throws what withSecretFiles throws. */
export function alertSecrets(config: Pick<Config, 'alerts'>, environment: Environment) {
  return withSecretFiles(environment, sourceSecrets(config));
}

/** What takes messages of other apps in Slack as alerts; undefined where there are none. */
export function alertMessagesOf(config: Config, given: AlertStore): AlertMessageParts | undefined {
  const [first] = config.clusters;
  const channels = config.slack.alertChannels.map((channel) => ({ ...channel, cluster: channel.cluster ?? first?.name ?? '' }));
  return channels.length === 0 ? undefined : { channels, take: alertIntakeOf(config, given), log: given.log };
}

/** Where alerts are written down. */
interface AlertStore {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly log: Log;
  readonly now: () => Date;
}

function alertIntakeOf(config: Config, given: AlertStore): TakeAlerts {
  const mayAsk: AlertIntakeParts['mayAsk'] = (name, namespace, channel) => {
    const cluster = config.clusters.find((candidate) => candidate.name === name);
    return cluster !== undefined && (namespace === undefined || isReadableByAny(cluster, config.access.rules, namespace, channel));
  };
  return createAlertIntake({ ...given, mayAsk });
}
