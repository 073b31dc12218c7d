import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { HISTORY_SCOPES, SCOPES } from '../../src/slack/connection.ts';
import { IDS } from '../../src/slack/ids.ts';

const ADDRESS = 'https://imagepull.example/slack/events';
const read = (file: string) => readFileSync(file, 'utf8');

describe.each(['slack-manifest.yaml', 'slack-manifest-http.yaml'])('the manifest %s', (file) => {
  const manifest = parse(read(file));

  it('asks for the scopes that are checked at start, and docs/slack.md justifies each', () => {
    expect(manifest.oauth_config.scopes).toEqual({ bot: SCOPES });
    const docs = read('docs/slack.md');
    for (const scope of [...SCOPES, ...HISTORY_SCOPES]) expect(docs).toContain(`\`${scope}\``);
  });

  it('has those that only Redis makes useful ready to be uncommented', () => {
    const uncommented = parse(read(file).replace(/# - /g, '- '));
    expect(uncommented.oauth_config.scopes).toEqual({ bot: [...SCOPES, ...HISTORY_SCOPES] });
  });

  it('has the command, the shortcut and the events that are listened to, and no other', () => {
    expect(manifest.features.slash_commands.map(({ command }: { command: string }) => command)).toEqual([IDS.command]);
    expect(manifest.features.shortcuts.map(({ callback_id: id }: { callback_id: string }) => id)).toEqual([IDS.shortcut]);
    const sources = readdirSync('src/slack/interactions').map((name) => read(`src/slack/interactions/${name}`));
    const listened = [...sources.join('').matchAll(/app\.event\('(\w+)'/g)].map((match) => match[1] ?? '');
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(listened.toSorted());
  });
});

it('the manifest for HTTP mode has an address for commands, events, interactivity and options, and is otherwise the same', () => {
  const http = parse(read('slack-manifest-http.yaml'));
  expect(http.features.slash_commands[0].url).toBe(ADDRESS);
  expect(http.settings.event_subscriptions.request_url).toBe(ADDRESS);
  expect(http.settings.interactivity).toMatchObject({ request_url: ADDRESS, message_menu_options_url: ADDRESS });
  const bare = read('slack-manifest-http.yaml')
    .replaceAll(/^ +(?:url|request_url|message_menu_options_url): .+\n/gm, '')
    .replace('socket_mode_enabled: false', 'socket_mode_enabled: true');
  expect(parse(bare)).toEqual(parse(read('slack-manifest.yaml')));
});
