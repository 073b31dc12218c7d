import type { IncomingHttpHeaders } from 'node:http';
import { readAlerts } from '../alerts/read-alerts.ts';
import type { AlertSource } from '../alerts/source.ts';
import { asCodedError } from '../errors.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '../http/handler.ts';
import type { TakeAlerts } from '../intake/alerts/take.ts';
import { createRequestBudget } from '../network/request-budget.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Authenticator, createAuthenticator } from './authentication.ts';

/** What a webhook needs. */
export interface WebhookParts {
  readonly sources: readonly AlertSource[];
  /** Secrets, by the names that the sources give. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly take: TakeAlerts;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly now: () => Date;
}

/** Thousands of alerts of Alertmanager fit into this. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Who is known only by a signature over the body could be anybody until that is read. PagerDuty sends at most 256 KB. */
const MAX_SIGNED_BYTES = 1024 * 1024;
/** Requests of one source that are worked on at the same time. */
const AT_ONCE = 8;
/** Alertmanager drops what is answered with 429 and tries again after 5xx; so does everybody else, so that nothing is lost: s. */
const AGAIN_LATER = { status: 503, headers: { 'retry-after': '15' } } as const;
const REFUSED: HttpAnswer = { status: 401 };

interface Source {
  readonly source: AlertSource;
  readonly authenticate: Authenticator;
}

/** What became of a request, for the log and the figures. */
type Outcome = 'taken' | 'refused' | 'too_large' | 'over_budget' | 'unreadable' | 'unavailable';

/**
 * `POST /webhooks/SOURCE`. An unknown source and a wrong secret are answered alike. Throws `config/alerts` for secrets that are missing or
 * too short.
 */
export function createWebhook(parts: WebhookParts): HttpRoute {
  const { log, metrics, now, environment } = parts;
  const sources = new Map<string, Source>(
    parts.sources.map((source) => {
      const authenticate = createAuthenticator(source.authentication, { source: source.name, environment });
      return [source.name, { source, authenticate }];
    }),
  );
  const budgets = new Map(
    parts.sources.map(({ name, perMinute }) => [name, createRequestBudget({ perMinute, atOnce: AT_ONCE, now: () => now().getTime() })]),
  );

  function answered(name: string, outcome: Outcome, answer: HttpAnswer, because?: string): HttpAnswer {
    const known = sources.has(name);
    metrics.count('imagepull_alert_requests_total', { source: known ? name : 'unknown', outcome });
    if (outcome !== 'taken')
      log.warn('alerts were not taken', { source: known ? name : 'unknown', outcome, ...(because === undefined ? {} : { because }) });
    return answer;
  }

  /** Whoever can be known by headers has to be, before a body is read. */
  function admit({ headers, params }: Pick<HttpRequest, 'headers' | 'params'>): HttpAnswer | undefined {
    const name = params['source'] ?? '';
    const known = sources.get(name);
    if (!known) return answered(name, 'refused', REFUSED, 'there is no such source');
    const { scheme } = known.source.authentication;
    if (scheme === 'bearer' || scheme === 'basic') {
      const { status, ...why } = known.authenticate({ headers, body: Buffer.alloc(0) }, now());
      return status === 'accepted' ? undefined : answered(name, 'refused', REFUSED, 'because' in why ? why.because : undefined);
    }
    const length = lengthOf(headers);
    return length !== undefined && length <= MAX_SIGNED_BYTES
      ? undefined
      : answered(name, 'too_large', { status: length === undefined ? 411 : 413 });
  }

  async function handle(request: HttpRequest): Promise<HttpAnswer> {
    const name = request.params['source'] ?? '';
    const known = sources.get(name);
    const budget = budgets.get(name);
    if (!known || !budget) return REFUSED;
    const authenticated = known.authenticate(request, now());
    if (authenticated.status === 'refused') return answered(name, 'refused', REFUSED, authenticated.because);
    const answer = await budget.within(name, () => take(request, known.source));
    return 'kind' in answer ? answered(name, 'over_budget', AGAIN_LATER) : answer;
  }

  async function take({ body }: HttpRequest, source: AlertSource): Promise<HttpAnswer> {
    const { name } = source;
    try {
      const reading = readAlerts(body.toString('utf8'), source);
      const { taken, dropped, outside } = await parts.take(reading, source);
      const { problems, leftOut } = reading;
      return answered(name, 'taken', { status: 202, body: { taken, dropped, outside, leftOut, problems: problems.slice(0, 10) } });
    } catch (cause) {
      const { area, message } = asCodedError(cause);
      if (area === 'alert') return answered(name, 'unreadable', { status: 400, body: { error: message } }, message);
      if (area === 'store' || area === 'queue') return answered(name, 'unavailable', AGAIN_LATER, message);
      throw cause;
    }
  }

  // Grafana's contact points may be set to either.
  return { methods: ['POST', 'PUT'], path: '/webhooks/:source', maxBytes: MAX_BYTES, admit, handle };
}

function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^[0-9]{1,12}$/.test(text) ? Number(text) : undefined;
}
