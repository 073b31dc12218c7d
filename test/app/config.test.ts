import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';

const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
const read = (text?: string, more: Partial<Parameters<typeof readConfig>[0]> = {}) =>
  readConfig({
    file: text === undefined ? undefined : { name: 'imagepull.yaml', text },
    environment: tokens,
    roles: undefined,
    clusters: undefined,
    ...more,
  });

describe('the configuration', () => {
  it('says of all that is wrong on which line it is, in their order, and counts what is too much', () => {
    const text = 'zzz: 1\nresumeMs: x\nhttp:\n  port: x\nslack:\n  mode: x\n  apiUrl: "javascript:alert(1)"\nclusters:\n  - {}\n';
    expect(() => read(text)).toThrow(
      [
        'imagepull.yaml is not a configuration of imagepull:',
        '  line 1, zzz: is no setting. There are: clusters, registries, slack, channels, watch, incidents, alerts, http, access, remedies, redis, resumeMs and concurrency.',
        '  line 2, resumeMs: should be a number, and is text',
        '  line 4, http.port: should be a number, and is text',
        '  line 6, slack.mode: should be one of socket, http, and is the text "x"',
        '  line 7, slack.apiUrl: is not a URL that begins with http:// or https://',
        '  line 9, clusters[0].name: should be text, and is missing',
        'See docs/configuration.md.',
      ].join('\n'),
    );
    const many = Array.from({ length: 23 }, (_, at) => `unknown${at}: 1`).join('\n');
    expect(() => read(many)).toThrow(/line 20, unknown19: .*\n {2}and 3 problems more\n/);
  });

  it.each([
    ['accses: {}', 'line 1, accses: is no setting. Did you mean access?'],
    ['redis:\n  leasMs: 5000\n', 'line 2, redis.leasMs: is no setting. Did you mean leaseMs?'],
    [
      'clusters:\n  - name: a\n    executor:\n      contxt: x\n',
      'line 4, clusters[0].executor.contxt: is no setting. Did you mean context?',
    ],
    ['watch: { lease: { nme: x } }', 'watch.lease.nme: is no setting. Did you mean name?'],
    ['watch: { lease: on }', 'watch.lease: should be off or a group of settings, and is text'],
    ['clusters: [{ name: a, kubelet: dirct }]', 'and is the text "dirct". Did you mean direct?'],
    ['alerts: { sources: [{ name: a, sender: generic, cluster: default, authentication: { scheme: bearr } }] }', 'Did you mean bearer?'],
    [
      'alerts: { sources: [{ name: a, sender: generic, cluster: default, authentication: { scheme: basic, secret: A, usr: b } }] }',
      'authentication.usr: is no setting. Did you mean user?',
    ],
    ['remedies: { identities: { users: { Ann: a } } }', 'remedies.identities.users.Ann: is a name that is not the id of a person'],
    [
      'clusters: [{ name: prod }]\nslack:\n  alertChannels:\n    - channel: C1ABC\n      apps: [A1ABC]\n      cluster: prd',
      'line 6, slack.alertChannels[0].cluster: names the cluster prd, which there is not. Did you mean prod?',
    ],
    ['clusters: [{ name: a, executor: {} }]', 'line 1, clusters[0].executor: is there, and remedies.policy names no approvals.yaml'],
  ])('names in %j the nearest right name', (text, says) => {
    expect(() => read(text)).toThrow(says);
  });

  it.each([
    'redis: canary',
    'redis: redis://:canary@host',
    'concurrency: canary',
    'clusters: canary',
    'watch: { lease: canary }',
    'alerts: { sources: [{ authentication: { scheme: bearer, secret: canary } }] }',
    'clusters: [{ name: a, prometheus: canary }]',
    'redis: !canary\n',
    'x: xoxb-1234567-canary: y',
  ])('repeats no text that stands where it does not belong: %j', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ area: 'config', message: expect.not.stringContaining(text.includes('!') ? 'redis:' : 'canary') }),
    );
  });

  it('is complete without a file: one cluster, all roles, Socket Mode, the kubelet asked directly', () => {
    expect(read()).toMatchObject({
      clusters: [{ name: 'default', kubelet: 'direct', registry: true, secrets: true }],
      slack: { mode: 'socket' },
      roles: ['gateway', 'worker', 'executor'],
      workFor: ['default'],
      redisUrl: undefined,
    });
    expect(read('')).toEqual(read());
  });

  it('names the clusters, and what may be asked of each', () => {
    const config = read('clusters:\n  - name: prod\n    registry: false\n    secrets: false\n    kubelet: off\n  - name: staging\n', {
      clusters: 'staging',
      roles: 'worker',
      environment: { ...tokens, REDIS_URL: 'redis://localhost:6379' },
    });
    expect(config.clusters[0]).toMatchObject({ name: 'prod', registry: false, secrets: false, kubelet: 'off' });
    expect(config.workFor).toEqual(['staging']);
    expect(config.roles).toEqual(['worker']);
    // A worker talks to no Slack.
    expect(config.slackTokens).toBeUndefined();
  });

  it('says which servers may be asked, one token server or several', () => {
    const { registries } = read(`
registries:
  privateNetworks: [10.20.0.0/16, "fd00::/8"]
  allowPrivate: [minio.corp.example, "minio.corp.example:9000", "*.mirror.example", 10.30.0.0/16, "[fd00::1]:443"]
  tokenServers:
    registry.corp.example: auth.corp.example
    "registry.corp.example:5000": [auth.corp.example, "auth.corp.example:8443"]
`);
    expect(registries.tokenServers).toEqual({
      'registry.corp.example': ['auth.corp.example'],
      'registry.corp.example:5000': ['auth.corp.example', 'auth.corp.example:8443'],
    });
    expect(registries.allowPrivate).toHaveLength(5);
    expect(read().registries).toEqual({ allowPrivate: [], tokenServers: {} });
  });

  it.each([
    ['registries: { privateNetworks: [minio.corp.example] }', 'config/file', 'registries.privateNetworks[0]: is not a network'],
    ['registries: { allowPrivate: ["http://minio"] }', 'config/file', 'registries.allowPrivate[0]: is not a host'],
    ['registries: { allowPrivate: [10.0.0.0/33] }', 'config/file', 'registries.allowPrivate[0]'],
    ['registries: { allowPrivate: ["a:70000"] }', 'config/file', 'registries.allowPrivate[0]'],
    ['registries: { tokenServers: { a: 10.0.0.0/8 } }', 'config/file', 'registries.tokenServers.a'],
    ['registries: { tokenServers: { "*.corp": b } }', 'config/file', 'registries.tokenServers'],
    [
      'channels: { default: C1ABC, mention: ["!channel"] }',
      'config/file',
      'channels.mention[0]: is not the id of a person or a user group',
    ],
    [
      'channels: { default: C1ABC, quietHours: { from: "22:00", to: "7:00", timeZone: Europe/Berlin } }',
      'config/file',
      'channels.quietHours.to: is not a time of day like 07:00',
    ],
    [
      'channels: { default: C1ABC, quietHours: { from: "22:00", to: "07:00", timeZone: Berlin } }',
      'config/file',
      'channels.quietHours.timeZone: is not a time zone like Europe/Berlin',
    ],
    [
      'channels: { default: C1ABC, quietHours: { from: "00:00", to: "24:00", timeZone: UTC } }',
      'config/file',
      'channels.quietHours: never end',
    ],
    ['channels: { routes: [{ channel: C1ABC }] }', 'config/file', 'channels: has routes and no default'],
    [
      'channels: { default: C1ABC, routes: [{ channel: "#shop" }] }',
      'config/file',
      'channels.routes[0].channel: is not the id of a channel',
    ],
    ['channels: { default: C1ABC, routes: [{ channel: C2ABC, clusters: [prdo] }] }', 'config/channels', 'names the cluster prdo'],
    ['clusters: [', 'config/file', 'imagepull.yaml is not YAML'],
    ['redis: !secret x', 'config/file', 'Unresolved tag: !secret at line 1'],
    ['clusters: [{ name: 5 }]', 'config/file', 'clusters[0].name: should be text, and is 5'],
    [
      'clusters: [{ name: a, kubelet: fast }]',
      'config/file',
      'should be one of off, direct, apiserver-proxy, prometheus, and is the text "fast"',
    ],
    ['redis: { leaseMs: 5 }', 'config/file', 'redis.leaseMs: should be at least 500'],
    ['accses: {}', 'config/file', 'accses: is no setting'],
    ['clusters: []', 'config/file', 'clusters: '],
    ['clusters: [{ name: a }, { name: a }]', 'config/clusters', 'clusters[1].name: is a, the name of another cluster too'],
    ['clusters: [{ name: a, kubelets: off }]', 'config/file', 'kubelets'],
    ['slack: { mode: rtm }', 'config/file', 'slack.mode'],
    ['a: &a [x]\nb: [*a]', 'config/file', 'See docs/configuration.md'],
  ])('refuses %j', (text, code, says) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
  });

  it.each([
    [{ SLACK_BOT_TOKEN: undefined }, 'config/slack', 'SLACK_BOT_TOKEN is not set'],
    [{ SLACK_BOT_TOKEN: 'xoxp-canary' }, 'config/slack', 'does not start with xoxb-'],
    [{ SLACK_APP_TOKEN: '' }, 'config/slack', 'SLACK_APP_TOKEN is not set'],
    [{ REDIS_URL: 'localhost:6379/canary' }, 'config/redis', 'REDIS_URL is not an address of Redis'],
    [{ REDIS_URL: 'redis//user:canary@x' }, 'config/redis', 'REDIS_URL is not an address of Redis'],
  ])('refuses the environment %j and repeats no secret', (environment, code, says) => {
    const refused = () => read(undefined, { environment: { ...tokens, ...environment } });
    expect(refused).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
    expect(refused).not.toThrow(/canary/);
  });

  it('needs the signing secret instead of the app token where Slack calls it', () => {
    expect(() => read('slack: { mode: http }')).toThrow(/SLACK_SIGNING_SECRET is not set/);
    const environment = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's' };
    expect(read('slack: { mode: http }', { environment }).slackTokens).toEqual({ bot: 'xoxb-1', app: undefined, signingSecret: 's' });
  });

  it.each(['worker', 'gateway'])('has no role %s alone without the Redis that both sides share', (roles) => {
    expect(() => read(undefined, { roles })).toThrow(
      expect.objectContaining({ code: 'config/roles', message: expect.stringContaining(`--roles ${roles} needs REDIS_URL`) }),
    );
    expect(read(undefined, { roles: 'executor,worker,gateway' }).roles).toEqual(['gateway', 'worker', 'executor']);
  });

  it('knows where the pages on causes are, however the address ends', () => {
    expect(read('slack: { docsUrl: "https://docs.example/causes/" }').slack.docsUrl).toBe('https://docs.example/causes');
    expect(read().slack.docsUrl).toBeUndefined();
  });

  it('takes the public address without a path, since cookies and redirects are for paths of this server', () => {
    expect(read('http: { publicUrl: "https://imagepull.example:8443/" }').http.publicUrl).toBe('https://imagepull.example:8443');
    expect(read().http.publicUrl).toBeUndefined();
    for (const url of ['https://imagepull.example/bot', 'https://imagepull.example/?a', 'https://ann:canary@imagepull.example'])
      expect(() => read(`http: { publicUrl: "${url}" }`)).toThrow(/http\.publicUrl: is not an address without a path, like https:/);
    for (const url of ['imagepull.example', 'ftp://imagepull.example', 'https://'])
      expect(() => read(`http: { publicUrl: "${url}" }`)).toThrow(/http\.publicUrl: is not a URL that begins with http/);
  });

  it('says which roles and clusters there are', () => {
    expect(() => read(undefined, { roles: 'worker,boss' })).toThrow(
      /--roles does not know "boss"\. There are: gateway, worker and executor/,
    );
    expect(() => read(undefined, { clusters: 'prod' })).toThrow(/--clusters does not know "prod"\. There are: default/);
  });

  it('reads rules of access, and refuses one for a cluster that there is not', () => {
    const rules = 'access: { rules: [{ namespaces: [shop, team-*], channels: [C0123456789], groups: [S0123456789] }] }';
    expect(read(rules).access.rules).toEqual([
      { clusters: ['*'], namespaces: ['shop', 'team-*'], channels: ['C0123456789'], groups: ['S0123456789'] },
    ]);
    expect(read().access.rules).toBeUndefined();
    expect(() => read('access: { rules: [{ clusters: [prod] }] }')).toThrow(
      /names the cluster prod, which there is not\. There are: default/,
    );
    expect(() => read('access: { rules: [{ channels: ["#incidents"] }] }')).toThrow(/is not the id of a channel/);
    expect(() => read('access: { rules: [] }')).toThrow(/access\.rules/);
  });
});
