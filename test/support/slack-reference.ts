import { eventsFor, type Need, type SlackUse, scopesFor } from '../../src/slack/manifest.ts';
import { markdownTable } from './markdown-table.ts';

const NOTHING: SlackUse = { outlivesProcess: false, readsAlerts: false, asksForGroups: false, asksForEmail: false };
const EVERYTHING: SlackUse = { outlivesProcess: true, readsAlerts: true, asksForGroups: true, asksForEmail: true };

/** What makes the app ask for more. */
const REASONS: Readonly<Record<keyof SlackUse, string>> = {
  outlivesProcess: 'with Redis',
  readsAlerts: 'with `slack.alertChannels`',
  asksForGroups: 'where `access.rules` or approvals.yaml name user groups',
  asksForEmail: 'with `remedies.identities.byEmail`',
};

/** Every scope that the manifest may have, when it has it, and why. */
export function scopesTable(): string {
  return needsTable('scope', scopesFor);
}

/** Every event that the app may ask for. */
export function eventsTable(): string {
  return needsTable('event', eventsFor);
}

function needsTable(what: string, needsFor: (use: SlackUse) => readonly Need[]): string {
  const has = (use: SlackUse, name: string) => needsFor(use).some((need) => need.name === name);
  const rows = needsFor(EVERYTHING).map(({ name, why }) => {
    const uses = Object.entries(REASONS).filter(([use]) => has({ ...NOTHING, [use]: true }, name));
    return [`\`${name}\``, has(NOTHING, name) ? 'always' : uses.map(([, reason]) => reason).join(', or '), why];
  });
  return markdownTable([what, 'asked for', 'why'], rows);
}
