import { describe, expect, it } from 'vitest';
import { deliveryKey } from '../../src/alerts/alert.ts';
import { readAlertmanager } from '../../src/alerts/senders/alertmanager.ts';
import { readGrafana } from '../../src/alerts/senders/grafana.ts';

/** Alertmanager's webhook version 4 with what the documentation names, and what it does not. */
function group(alerts: readonly unknown[], more: object = {}): object {
  return {
    version: '4',
    groupKey: '{}/{severity="warning"}:{namespace="shop"}',
    truncatedAlerts: 0,
    status: 'firing',
    notification_reason: 'first',
    receiver: 'imagepull',
    groupLabels: { namespace: 'shop' },
    commonLabels: { namespace: 'shop', severity: 'warning' },
    commonAnnotations: { runbook_url: 'https://runbooks.example/kubepodnotready' },
    routeLabels: {},
    externalURL: 'http://alertmanager.example:9093',
    alerts,
    ...more,
  };
}

const NOT_READY = {
  status: 'firing',
  labels: { alertname: 'KubePodNotReady', namespace: 'shop', pod: 'web-0', severity: 'warning', cluster: 'prod' },
  annotations: { description: 'Pod shop/web-0 has been in a non-ready state.', summary: 'Pod is not ready.' },
  startsAt: '2026-11-27T08:00:00.123456789Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus.example/graph',
  fingerprint: '9c1b7e41b84e4f3d',
};

describe('the body of Alertmanager', () => {
  it('gives each alert with where it points, and what people wrote', () => {
    expect(readAlertmanager(group([NOT_READY]), 'prom')).toEqual({
      alerts: [
        {
          source: 'prom',
          status: 'firing',
          id: '9c1b7e41b84e4f3d',
          group: '{}/{severity="warning"}:{namespace="shop"}',
          name: 'KubePodNotReady',
          startsAt: '2026-11-27T08:00:00.123Z',
          location: { cluster: 'prod', namespace: 'shop', pod: 'web-0' },
          labels: NOT_READY.labels,
          text: 'Pod is not ready.\nPod shop/web-0 has been in a non-ready state.',
        },
      ],
      problems: [],
      leftOut: 0,
      ignored: 0,
    });
  });

  it('sent again is the same delivery; ended or begun anew it is another one of the same alert', () => {
    const [first, again, ended, anew] = readAlertmanager(
      group([
        NOT_READY,
        { ...NOT_READY, endsAt: '2026-11-27T09:00:00Z' },
        { ...NOT_READY, status: 'resolved' },
        { ...NOT_READY, startsAt: '2026-11-28T08:00:00Z' },
      ]),
      'prom',
    ).alerts.map((alert) => [alert.id, deliveryKey(alert)] as const);
    expect(again).toEqual(first);
    expect(new Set([first?.[1], ended?.[1], anew?.[1]]).size).toBe(3);
    expect(new Set([first?.[0], ended?.[0], anew?.[0]]).size).toBe(1);
  });

  it('mixes firing and resolved alerts', () => {
    const reading = readAlertmanager(group([NOT_READY, { ...NOT_READY, status: 'resolved' }]), 'prom');
    expect(reading.alerts.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  });

  it('may write its words in any case, and leave to the group what its alerts share', () => {
    const labels = { alertname: 'KubePodNotReady', pod: 'web-0' };
    const reading = readAlertmanager(group([{ labels, status: 'RESOLVED' }, { labels }], { status: 'Firing' }), 'prom');
    expect(reading).toMatchObject({ alerts: [{ status: 'resolved' }, { status: 'firing' }], problems: [] });
    expect(reading.alerts[0]?.location).toEqual({ namespace: 'shop', pod: 'web-0' });
  });

  it('says how many alerts Alertmanager left out', () => {
    expect(readAlertmanager(group([NOT_READY], { truncatedAlerts: 7 }), 'prom').leftOut).toBe(7);
  });

  it('of which parts are broken gives the rest, and names the parts without quoting them', () => {
    const reading = readAlertmanager(
      group(
        [
          'hunter2',
          null,
          {},
          { ...NOT_READY, labels: ['hunter2'], annotations: NOT_READY.annotations },
          { ...NOT_READY, startsAt: 4711, fingerprint: { a: 'hunter2' } },
          { ...NOT_READY, status: 'hunter2' },
          NOT_READY,
        ],
        { commonLabels: {}, commonAnnotations: 'hunter2', truncatedAlerts: -1 },
      ),
      'prom',
    );
    expect(reading.alerts.map(({ location }) => location.pod)).toEqual(['web-0', 'web-0', 'web-0', 'web-0']);
    expect(reading.problems.map((problem) => problem.split(':')[0])).toEqual([
      'truncatedAlerts',
      'commonAnnotations',
      'alerts[0] is not an object',
      'alerts[1] is not an object',
      'alerts[2] is empty',
      'alerts[3].labels',
      'alerts[4].startsAt',
      'alerts[4].fingerprint',
      'alerts[5].status is neither firing nor resolved',
    ]);
    expect(JSON.stringify(reading.problems)).not.toContain('hunter2');
  });

  it('of another shape is refused with what to do', () => {
    for (const body of [null, 'text', 7, [], {}, { alerts: {} }, { alerts: null }])
      expect(() => readAlertmanager(body, 'prom')).toThrow(
        expect.objectContaining({ code: 'alert/unreadable', message: expect.stringContaining('generic with a mapping') }),
      );
  });

  it('without fingerprints makes an id of name and location, which bears what changes', () => {
    const { fingerprint: _, ...bare } = NOT_READY;
    const pull = (reason: string) => ({ ...bare, labels: { ...bare.labels, alertname: 'KubeContainerWaiting', reason } });
    const ids = readAlertmanager(group([pull('ErrImagePull'), pull('ImagePullBackOff')]), 'prom').alerts.map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(['KubeContainerWaiting/prod/shop/web-0']));
  });

  it('takes the words for what the labels leave out, of the same namespace and pod only', () => {
    const location = (labels: object, summary: string) =>
      readAlertmanager(group([{ labels, annotations: { summary } }], { commonLabels: {} }), 'prom').alerts[0]?.location;
    expect(location({ alertname: 'X' }, 'Pod shop/web-0 fails')).toEqual({ namespace: 'shop', pod: 'web-0' });
    expect(location({ pod: 'web-0' }, 'Pod web-0 in shop is not ready')).toEqual({ namespace: 'shop', pod: 'web-0' });
    expect(location({ pod: 'web-1' }, 'Pod shop/web-0 fails')).toEqual({ pod: 'web-1' });
    expect(location({ namespace: 'tools' }, 'Pod shop/web-0 fails')).toEqual({ namespace: 'tools' });
    expect(location({ namespace: 'shop', deployment: 'web' }, 'Pod shop/db-0 fails')).not.toHaveProperty('pod');
  });
});

describe('the body of Grafana', () => {
  const body = (alerts: readonly unknown[]) => ({
    receiver: 'imagepull',
    status: 'firing',
    orgId: 1,
    alerts,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'https://grafana.example/',
    version: '1',
    groupKey: '{}:{alertname="Pods waiting"}',
    truncatedAlerts: 0,
    title: '[FIRING:1] Pods waiting',
    state: 'alerting',
    message: '**Firing**',
  });
  const alert = {
    status: 'firing',
    labels: { alertname: 'Pods waiting', grafana_folder: 'k8s', namespace: 'shop', pod: 'web-0' },
    annotations: { summary: 'web-0 waits', __dashboardUid__: 'x' },
    startsAt: '2026-11-27T09:00:00+01:00',
    endsAt: '0001-01-01T00:00:00Z',
    values: { B: 44.2, C: 1 },
    valueString: '[ var=B ]',
    generatorURL: 'https://grafana.example/alerting/1/edit',
    fingerprint: 'c6eadffa33fcdf37',
    silenceURL: 'https://grafana.example/alerting/silence/new',
    dashboardURL: '',
    panelURL: '',
    imageURL: '',
  };

  it('gives each alert, its time in UTC, and only words as its text', () => {
    expect(readGrafana(body([alert]), 'grafana').alerts).toEqual([
      {
        source: 'grafana',
        status: 'firing',
        id: 'c6eadffa33fcdf37',
        group: '{}:{alertname="Pods waiting"}',
        name: 'Pods waiting',
        startsAt: '2026-11-27T08:00:00.000Z',
        location: { namespace: 'shop', pod: 'web-0' },
        labels: alert.labels,
        text: 'web-0 waits',
      },
    ]);
  });

  it('may hold null for what there is not', () => {
    expect(readGrafana(body([{ ...alert, values: null, annotations: null }]), 'grafana')).toMatchObject({
      alerts: [{ text: '' }],
      problems: [],
    });
  });

  it('passes over rules that could not be evaluated', () => {
    const labels = { ...alert.labels, alertname: 'DatasourceNoData', rulename: 'Pods waiting' };
    expect(readGrafana(body([{ ...alert, labels }, alert]), 'grafana')).toMatchObject({ alerts: [{ name: 'Pods waiting' }], ignored: 1 });
  });
});
