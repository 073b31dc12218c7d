import { describe, expect, it } from 'vitest';
import { deliveryKey } from '../../src/alerts/alert.ts';
import { readAlerts } from '../../src/alerts/read-alerts.ts';

describe('a webhook of PagerDuty', () => {
  const event = (event_type: string, data: object) => ({
    event: {
      id: '01DEN4HPBQAAAG05V5QQYBRZMF',
      event_type,
      resource_type: 'incident',
      occurred_at: '2026-11-27T08:00:05.000Z',
      agent: { id: 'P1', type: 'user_reference' },
      client: null,
      data: {
        id: 'PGR0VU2',
        type: 'incident',
        number: 2,
        status: 'triggered',
        incident_key: 'd3640fbd41094207a1c11e58e46b1662',
        created_at: '2026-11-27T08:00:00Z',
        title: 'KubePodNotReady',
        service: { id: 'PF9', summary: 'shop', type: 'service_reference' },
        urgency: 'high',
        ...data,
      },
    },
  });
  const read = (body: unknown) => readAlerts(JSON.stringify(body), { name: 'pd', sender: 'pagerduty' });

  it('is read by its title and details, for it has no labels', () => {
    expect(read(event('incident.triggered', { title: 'Pod shop/web-0 has been in a non-ready state' })).alerts).toEqual([
      {
        source: 'pd',
        status: 'firing',
        id: 'PGR0VU2',
        name: 'Pod shop/web-0 has been in a non-ready state',
        startsAt: '2026-11-27T08:00:00.000Z',
        location: { namespace: 'shop', pod: 'web-0' },
        labels: {},
        text: 'Pod shop/web-0 has been in a non-ready state',
      },
    ]);
    const details = { firing: 'Labels:\n - alertname = KubePodNotReady\n - namespace = shop\n - pod = web-0', num_firing: '1' };
    expect(read(event('incident.triggered', { body: { details } })).alerts[0]?.location).toEqual({ namespace: 'shop', pod: 'web-0' });
    expect(read(event('incident.triggered', { body: { details: { namespace: 'shop', pod: 'web-0' } } })).alerts[0]?.location.pod).toBe(
      'web-0',
    );
  });

  it('ends what it began, and an acknowledgement does neither', () => {
    expect(read(event('incident.resolved', {})).alerts).toMatchObject([{ status: 'resolved', id: 'PGR0VU2' }]);
    for (const type of ['incident.acknowledged', 'incident.annotated', 'incident.priority_updated', 'pagey.ping'])
      expect(read(event(type, {}))).toMatchObject({ alerts: [], problems: [], ignored: 1 });
  });
});

describe('a webhook of Netdata', () => {
  const alert = {
    message: 'k8s_state_deployment_condition_available is warning on node-1',
    alert: 'k8s_state_deployment_condition_available',
    info: 'Deployment shop/web does not have the minimum required replicas',
    chart: 'k8s_state_local.deploy_shop_web.conditions',
    context: 'k8s_state.deployment_conditions',
    space: 'acme',
    Rooms: { all: 'https://netdata.example/rooms/all' },
    family: 'deployments',
    class: 'Errors',
    severity: 'warning',
    date: '2026-11-27T08:00:00Z',
    duration: '0s',
    additional_active_critical_alerts: 0,
    additional_active_warning_alerts: 1,
    alert_url: 'https://netdata.example/alerts/1',
  };
  const read = (body: unknown) => readAlerts(JSON.stringify(body), { name: 'nd', sender: 'netdata' }).alerts;

  it('is read by its words, its labels if it brings them, and the chart of a container', () => {
    expect(read(alert)).toMatchObject([
      {
        name: 'k8s_state_deployment_condition_available',
        startsAt: '2026-11-27T08:00:00.000Z',
        location: { namespace: 'shop', workload: { name: 'web' } },
      },
    ]);
    expect(read({ ...alert, info: '', chart: 'cgroup_k8s_cntr_shop_web-0_app.cpu_limit' })).toMatchObject([
      { location: { namespace: 'shop', pod: 'web-0', container: 'app' } },
    ]);
    expect(read({ ...alert, labels: { k8s_namespace: 'tools', k8s_pod_name: 'ci-1' } })).toMatchObject([
      { location: { namespace: 'tools', pod: 'ci-1' } },
    ]);
  });

  it('of an older version calls the alert an alarm', () => {
    const { alert: name, ...rest } = alert;
    expect(read({ ...rest, alarm: name })).toMatchObject([{ name, id: read(alert)[0]?.id }]);
  });

  it('is clear when it ended, under the same id', () => {
    const [ended] = read({ ...alert, severity: 'clear', date: '2026-11-27T09:00:00Z' });
    expect(ended).toMatchObject({ status: 'resolved', id: read(alert)[0]?.id });
  });
});

describe('a webhook of Datadog', () => {
  const alert = {
    alert_id: '1234',
    alert_cycle_key: '5719',
    alert_title: 'Pods cannot pull',
    alert_transition: 'Triggered',
    alert_scope: 'kube_cluster_name:prod,kube_namespace:shop,pod_name:web-0',
    tags: 'kube_cluster_name:prod,kube_namespace:shop,pod_name:web-0,monitor,reason:imagepullbackoff',
    text_only_msg: 'A pod of shop waits.',
  };
  const read = (body: unknown) => readAlerts(JSON.stringify(body), { name: 'dd', sender: 'datadog' });

  it('is read by its scope and tags', () => {
    expect(read(alert).alerts).toMatchObject([
      {
        id: '1234/5719/kube_cluster_name:prod,kube_namespace:shop,pod_name:web-0',
        name: 'Pods cannot pull',
        location: { cluster: 'prod', namespace: 'shop', pod: 'web-0' },
        labels: { reason: 'imagepullbackoff', pod_name: 'web-0' },
        text: 'A pod of shop waits.',
      },
    ]);
  });

  it('sent again is the same delivery, and recovers under the same id', () => {
    const [first, again, ended] = ['Triggered', 'Re-Triggered', 'Recovered'].flatMap(
      (alert_transition) => read({ ...alert, alert_transition }).alerts,
    );
    expect(first && deliveryKey(first)).toBe(again && deliveryKey(again));
    expect(ended).toMatchObject({ status: 'resolved', id: first?.id });
  });

  it('without data is passed over', () => {
    expect(read({ ...alert, alert_transition: 'No Data' })).toMatchObject({ alerts: [], ignored: 1 });
  });
});
