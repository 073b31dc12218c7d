import { randomBytes } from 'node:crypto';
import { incidentPageRoutes } from '../../incident-page/serving/routes.ts';
import type { IntakeParts } from '../../intake/create-intake.ts';
import { createPasses } from '../../passes/passes.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Config } from '../config.ts';
import type { Listeners } from './listeners.ts';
import type { Remedies } from './remedies.ts';
import type { Slack } from './slack.ts';

/** Opens the pages of incidents where it is known by which address people reach them; answers with what gives out links to them. */
export function openPages(
  config: Pick<Config, 'http' | 'slack'>,
  given: {
    readonly store: Store;
    readonly slack: Pick<Slack, 'access' | 'people'>;
    readonly remedies: Pick<Remedies, 'standing'> | undefined;
    readonly addRoute: Listeners['addRoute'];
    readonly log: Log;
  },
): IntakeParts['pages'] {
  const { publicUrl } = config.http;
  if (publicUrl === undefined) return undefined;
  const { store, slack, remedies, addRoute, log } = given;
  const now = () => new Date();
  const passes = createPasses({ store, now, randomBytes });
  const routes = incidentPageRoutes({
    ...slack,
    store,
    passes,
    log,
    now,
    standing: remedies && ((record) => remedies.standing(record, slack.people)),
    docsUrl: config.slack.docsUrl,
    isSecure: publicUrl.startsWith('https:'),
  });
  for (const route of routes) addRoute(route);
  return { passes, publicUrl };
}
