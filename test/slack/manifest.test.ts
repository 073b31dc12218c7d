import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { manifestFor } from '../../src/app/manifest.ts';
import { IDS } from '../../src/slack/ids.ts';
import { eventsFor, METHOD_SCOPES, manifestYaml, scopesFor, slackManifest } from '../../src/slack/manifest.ts';
import { GENERATED, withGenerated } from '../support/generated-parts.ts';

const LEAST = { outlivesProcess: false, asksForGroups: false, asksForEmail: false, readsAlerts: false };
const ALL = { outlivesProcess: true, asksForGroups: true, asksForEmail: false, readsAlerts: true };
const names = (use: typeof ALL) => scopesFor(use).map(({ name }) => name);
const sources = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : [readFileSync(join(folder, entry.name), 'utf8')],
  );

const code = sources('src/slack').join('\n');
const matches = (pattern: RegExp) => [...new Set([...code.matchAll(pattern)].map((match) => match[1] ?? ''))].toSorted();

describe('the manifest', () => {
  it('asks for the scopes of all methods that are called, and for no other', () => {
    const called = [...matches(/\bclient\.([a-z]+\.[a-zA-Z.]+)\(/g), ...matches(/ask\(\s*'([a-z]+\.[a-zA-Z.]+)'/g)];
    const written = matches(/'((?:auth|chat|conversations|users|usergroups|views|files|reactions|pins|team|bots)\.[a-zA-Z.]+)'/g);
    expect([...new Set([...called, ...written])].toSorted()).toEqual(Object.keys(METHOD_SCOPES).toSorted());
    const needed = new Set(Object.values(METHOD_SCOPES).flat());
    // What people do and Slack sends, no method.
    expect(names(ALL).filter((scope) => !needed.has(scope))).toEqual(['app_mentions:read', 'commands']);
    expect([...needed].filter((scope) => !names(ALL).includes(scope))).toEqual([]);
  });

  it('asks for history with Redis alone, and for user groups where a rule names some', () => {
    expect(names(ALL).filter((scope) => !names(LEAST).includes(scope))).toEqual(['channels:history', 'groups:history', 'usergroups:read']);
  });

  it('has the command, the shortcut and the events that are listened to, and no other', () => {
    expect(slackManifest(LEAST, undefined)).toMatchObject({
      features: { slash_commands: [{ command: IDS.command }], shortcuts: [{ callback_id: IDS.shortcut }] },
      settings: { event_subscriptions: { bot_events: matches(/app\.event\('(\w+)'/g).filter((event) => event !== 'message') } },
    });
  });

  it('says beside each scope and event why, and is the same without that', () => {
    const yaml = manifestYaml(ALL, undefined);
    for (const { name, why } of [...scopesFor(ALL), ...eventsFor(ALL)])
      expect(yaml).toMatch(new RegExp(`# ${literal(why)}\n +- ${name}\n`));
    expect(parse(yaml)).toEqual(slackManifest(ALL, undefined));
  });

  it('is explained in docs/slack.md scope by scope and event by event, and nothing else is; npm run reference writes it', () => {
    const docs = readFileSync('docs/slack.md', 'utf8');
    expect(withGenerated(docs, GENERATED['docs/slack.md'] ?? {})).toBe(docs);
    const part = docs.slice(docs.indexOf('## What it asks for'), docs.indexOf('## What leaves the company'));
    const rows = [...part.matchAll(/^\| `([a-z_.:]{1,40})` \| (\S.{0,80}) \| (\S.{0,400}) \|$/gm)].map(([, name]) => name);
    expect(rows).toEqual([...scopesFor({ ...ALL, asksForEmail: true }), ...eventsFor(ALL)].map(({ name }) => name));
    // What somebody compares with the list is what the command prints.
    const printed = manifestFor({
      file: { name: 'config.yaml', text: 'slack: { alertChannels: [{ channel: C0ALERTS, apps: [A0GRAFANA] }] }' },
      environment: { REDIS_URL: 'redis://any' },
      address: undefined,
      format: 'yaml',
    });
    for (const scope of parse(printed).oauth_config.scopes.bot) expect(rows).toContain(scope);
    expect(slackManifest(ALL, undefined)).not.toHaveProperty('oauth_config.scopes.user');
  });
});

describe('what leaves the company', () => {
  it('goes to Slack alone: no other address is written in the program', () => {
    const written = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('demo/'))
      .flatMap((file) => {
        const program = readFileSync(join('src', file), 'utf8')
          .replace(/\/\*[\s\S]*?\*\//g, '')
          .replace(/(?:^|\s)\/\/ .*$/gm, '');
        return [...program.matchAll(/\b(?:https?|wss?):\/\/([a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){1,5})/gi)].map(([, host]) => host ?? '');
      });
    // Docker Hub's is the key of its login in a docker configuration, and no address.
    expect([...new Set(written)].filter((host) => !host.endsWith('.example')).toSorted()).toEqual(['index.docker.io', 'slack.com']);
  });
});

describe('imagepull slack manifest', () => {
  const printed = (text: string, given: { address?: string; redis?: string } = {}) =>
    parse(
      manifestFor({
        file: { name: 'config.yaml', text },
        environment: { REDIS_URL: given.redis },
        address: given.address,
        format: 'yaml',
      }),
    );
  const groups = 'access: { rules: [{ groups: [S0123456789] }] }';

  it('follows the configuration and REDIS_URL, and needs no token', () => {
    expect(printed('').oauth_config.scopes.bot).toEqual(names(LEAST));
    expect(printed(groups, { redis: 'redis://redis:6379' }).oauth_config.scopes.bot).toEqual(names(ALL));
    const alerts = printed('slack: { alertChannels: [{ channel: C0ALERTS, apps: [A0GRAFANA] }] }');
    expect(alerts.oauth_config.scopes.bot).toEqual(names({ ...LEAST, readsAlerts: true }));
    expect(alerts.settings.event_subscriptions.bot_events).toEqual([
      'app_home_opened',
      'app_mention',
      'message.channels',
      'message.groups',
    ]);
  });

  it('has the address for commands, events, interactivity and options, and is otherwise the same', () => {
    const address = 'https://bot.example/imagepull/slack/events';
    const http = printed('slack: { mode: http }', { address: 'https://bot.example/imagepull/' });
    expect(http.features.slash_commands[0].url).toBe(address);
    expect(http.settings).toMatchObject({
      event_subscriptions: { request_url: address },
      interactivity: { request_url: address, message_menu_options_url: address },
      socket_mode_enabled: false,
    });
    const bare = JSON.stringify(http, (key, value) => (/^(?:url|request_url|message_menu_options_url)$/.test(key) ? undefined : value));
    expect({ ...JSON.parse(bare), settings: undefined }).toEqual({ ...printed(''), settings: undefined });
  });

  it.each([
    ['slack: { mode: http }', undefined, 'say with --url at which address'],
    ['slack: { mode: http }', 'http://bot.example', 'begins with https://'],
    ['slack: { mode: http }', 'bot.example', 'begins with https://'],
    ['', 'https://bot.example', 'only for slack.mode: http'],
    ['slak: {}', undefined, 'slak'],
  ])('refuses %j with the address %s', (text, address, says) => {
    expect(() => printed(text, address === undefined ? {} : { address })).toThrow(says);
  });
});

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
