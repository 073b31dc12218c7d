import { describe, expect, it } from 'vitest';
import { readGeneric } from '../../src/alerts/senders/generic.ts';
import { Mapping, type WrittenMapping } from '../../src/alerts/senders/mapping.ts';

const read = (body: unknown, mapping?: WrittenMapping) => readGeneric(body, 'own', mapping && Mapping.parse(mapping));

describe('our own format', () => {
  const alert = {
    status: 'firing',
    id: 4711,
    name: 'PullFails',
    startsAt: '2026-11-27T08:00:00Z',
    labels: { cluster: 'prod', namespace: 'shop', pod: 'web-0', attempt: 3 },
    text: 'web-0 cannot pull its image',
    unknown: {},
  };

  it('is one alert, several in alerts, or a list', () => {
    const expected = {
      source: 'own',
      status: 'firing',
      id: '4711',
      name: 'PullFails',
      startsAt: '2026-11-27T08:00:00.000Z',
      location: { cluster: 'prod', namespace: 'shop', pod: 'web-0' },
      labels: { cluster: 'prod', namespace: 'shop', pod: 'web-0', attempt: '3' },
      text: 'web-0 cannot pull its image',
    };
    expect(read(alert)).toEqual({ alerts: [expected], problems: [], leftOut: 0, ignored: 0 });
    expect(read({ group: 'g', alerts: [alert, alert] }).alerts).toEqual([
      { ...expected, group: 'g' },
      { ...expected, group: 'g' },
    ]);
    expect(read([alert, alert]).alerts).toEqual([expected, expected]);
  });

  it.each([
    [undefined, 'firing'],
    ['FIRING', 'firing'],
    ['critical', 'firing'],
    ['Resolved', 'resolved'],
    [' ok ', 'resolved'],
    ['closed', 'resolved'],
  ])('with the status %j is %s', (status, expected) => {
    expect(read({ ...alert, status }).alerts[0]?.status).toBe(expected);
  });

  it('names what holds nothing to look for', () => {
    expect(read({ alerts: [alert, {}, 'x', null, { labels: {} }] })).toMatchObject({
      alerts: [{ id: '4711' }],
      problems: [
        'alert 1 has no name, no labels and no text where the mapping looks for them',
        'alert 2 is not an object',
        'alert 3 is not an object',
        'alert 4 has no name, no labels and no text where the mapping looks for them',
      ],
    });
  });

  it.each([null, 'text', 7, true])('is not %j', (body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'alert/unreadable' }));
  });
});

describe('a mapping', () => {
  const body = {
    env: 'prod',
    incident: { key: 'K1', state: 'OPEN', opened: 1_795_766_400 },
    items: [
      { title: 'a', where: { ns: 'shop', object: 'web-0', box: 'app' }, tags: ['team:a', 'note: x=1'] },
      {
        title: 'b',
        where: { ns: 'shop', kind: 'deployment', object: 'web', host: 'node-1' },
        tags: [
          { name: 'team', value: 'b' },
          { key: 'n', value: 2 },
        ],
      },
      { title: 'c', where: {}, tags: 'kube_namespace:shop, pod_name:web-2,broken', details: { reason: 'x', deep: { namespace: 'tools' } } },
    ],
  };
  const mapping: WrittenMapping = {
    alerts: '$.items[*]',
    status: { path: '$.incident.state', firing: ['open'], resolved: ['closed', 'merged'] },
    id: ['$.incident.key', '@.title'],
    name: ['@.name', '@.title'],
    startsAt: '$.incident.opened',
    labels: '@.tags',
    text: '@.details',
    cluster: '$.env',
    namespace: '@.where.ns',
    pod: '@.where.object',
    container: '@.where.box',
    node: '@.where.host',
    workload: { kind: '@.where.kind', name: '@.where.object' },
  };

  it('says where everything is, from the alert or from the body', () => {
    const [a, b, c] = read(body, mapping).alerts;
    expect(a).toMatchObject({
      id: 'K1/a',
      name: 'a',
      startsAt: '2026-11-27T08:00:00.000Z',
      location: { cluster: 'prod', namespace: 'shop', pod: 'web-0', container: 'app' },
      labels: { team: 'a', note: 'x=1' },
    });
    expect(b).toMatchObject({
      location: { namespace: 'shop', workload: { kind: 'Deployment', name: 'web' }, node: 'node-1' },
      labels: { team: 'b', n: '2' },
    });
    expect(c).toMatchObject({ location: { cluster: 'prod', namespace: 'shop', pod: 'web-2' }, text: 'reason: x\nnamespace: tools' });
  });

  it('tells what ends, and passes over what neither begins nor ends', () => {
    const state = (word: string) => read({ ...body, incident: { state: word } }, mapping);
    expect(state('Merged').alerts.map(({ status }) => status)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(state('acknowledged')).toMatchObject({ alerts: [], problems: [], ignored: 3 });
  });

  it('reads the body as one alert where its alerts are not found', () => {
    expect(read({ title: 'x' }, { alerts: '$.items[*]', name: '@.title' }).alerts).toMatchObject([{ name: 'x', id: 'x' }]);
  });

  it('that leads from each of many alerts to all of them goes there once', () => {
    const items = Array.from({ length: 500 }, (_, at) => ({ title: `t${at}` }));
    let looks = 0;
    const watched = new Proxy(items, {
      ownKeys(target) {
        looks++;
        return Reflect.ownKeys(target);
      },
    });
    const { alerts } = read({ items: watched }, { alerts: '$.items[*]', name: '@.title', text: '$.items[*].title' });
    expect(alerts).toHaveLength(500);
    expect(alerts[0]?.text.split('\n')).toHaveLength(200);
    expect(looks).toBe(2);
  });

  it.each([
    [{ name: 'title' }, 'does not begin with $'],
    [{ name: '$.a[?x]' }, 'is not a path'],
    [{ status: { path: '$.a' } }, 'expected array'],
    [{ title: '$.a' }, 'Unrecognized key'],
    [{ id: [] }, 'Too small'],
  ])('that is written %j is refused', (written, why) => {
    const result = Mapping.safeParse(written);
    expect(JSON.stringify(result.error?.issues)).toContain(why);
  });
});
