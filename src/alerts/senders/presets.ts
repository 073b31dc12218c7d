import { Mapping } from './mapping.ts';

/**
 * PagerDuty's v3 webhook: `{event: {id, event_type, occurred_at, data}}`. It carries no labels of the alert, so title and details are
 * searched. Acknowledgements, notes and the like neither begin nor end anything.
 * https://developer.pagerduty.com/docs/webhooks-overview
 */
export const PAGERDUTY = Mapping.parse({
  status: {
    path: '$.event.event_type',
    firing: ['incident.triggered', 'incident.reopened'],
    resolved: ['incident.resolved'],
  },
  id: '$.event.data.id',
  name: '$.event.data.title',
  startsAt: ['$.event.data.created_at', '$.event.occurred_at'],
  text: ['$.event.data.title', '$.event.data.description', '$.event.data.body.details'],
});

/**
 * Netdata Cloud's webhook. It has no field for pods: what is read are labels if the body brings them, `info` and `message`, and the name of
 * the chart, which for a container's cgroup holds namespace, pod and container.
 * https://learn.netdata.cloud/docs/alerts-&-notifications/notifications/centralized-cloud-notifications/webhook
 */
export const NETDATA = Mapping.parse({
  status: { path: '$.severity', firing: ['warning', 'critical'], resolved: ['clear'] },
  id: ['$.alert', '$.alarm', '$.chart', '$.space'],
  name: ['$.alert', '$.alarm', '$.message'],
  startsAt: '$.date',
  labels: ['$.labels', '$.chart_labels'],
  text: ['$.message', '$.info', '$.chart', '$.context'],
});

/**
 * Datadog's webhook, whose body is whatever its template says. Read is this template, and the common ones that use the same names:
 *
 *     {"alert_id": "$ALERT_ID", "alert_cycle_key": "$ALERT_CYCLE_KEY", "alert_title": "$ALERT_TITLE", "alert_transition": "$ALERT_TRANSITION",
 *      "alert_scope": "$ALERT_SCOPE", "tags": "$TAGS", "text_only_msg": "$TEXT_ONLY_MSG"}
 *
 * Without `startsAt`, for `$DATE` is that of the message and differs when it is sent again; `$ALERT_CYCLE_KEY` tells one time from the next.
 * https://docs.datadoghq.com/integrations/webhooks/
 */
export const DATADOG = Mapping.parse({
  status: {
    path: ['$.alert_transition', '$.transition'],
    firing: ['Triggered', 'Re-Triggered', 'Warn', 'Re-Warn', 'Renotify'],
    resolved: ['Recovered'],
  },
  id: ['$.alert_id', '$.alert_cycle_key', '$.alert_scope'],
  group: ['$.aggreg_key'],
  name: ['$.alert_title', '$.event_title', '$.title'],
  labels: ['$.alert_scope', '$.scope', '$.tags'],
  text: ['$.event_title', '$.title', '$.text_only_msg', '$.event_msg', '$.body'],
});
