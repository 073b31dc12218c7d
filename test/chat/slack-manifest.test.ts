import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SCOPES } from '../../src/chat/slack-connection.ts';
import { IDS } from '../../src/chat/slack-views.ts';

const manifest = parse(readFileSync('slack-manifest.yaml', 'utf8'));

describe("the Slack app's manifest", () => {
  it('asks for the scopes that are checked at start, and docs/slack.md justifies each', () => {
    expect(manifest.oauth_config.scopes).toEqual({ bot: SCOPES });
    const docs = readFileSync('docs/slack.md', 'utf8');
    for (const scope of SCOPES) expect(docs).toContain(`\`${scope}\``);
  });

  it('has the command, the shortcut and the events that are listened to, and no other', () => {
    expect(manifest.features.slash_commands.map(({ command }: { command: string }) => command)).toEqual([IDS.command]);
    expect(manifest.features.shortcuts.map(({ callback_id: id }: { callback_id: string }) => id)).toEqual([IDS.shortcut]);
    const listened = [...readFileSync('src/chat/slack-app.ts', 'utf8').matchAll(/app\.event\('(\w+)'/g)].map((match) => match[1]);
    expect(manifest.settings.event_subscriptions.bot_events).toEqual(listened.toSorted());
  });
});
