import { settingsReference, variablesTable } from './config-reference.ts';
import { eventsTable, scopesTable } from './slack-reference.ts';

/** The parts of documents that are made from the code, by their names. */
export const GENERATED: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'docs/configuration.md': { variables: variablesTable, settings: settingsReference },
  'docs/slack.md': { scopes: scopesTable, events: eventsTable },
};

/** A document with these parts as they should be. Each stands between two comments, and only what is between them changes. */
export function withGenerated(document: string, parts: Readonly<Record<string, () => string>>): string {
  return Object.entries(parts).reduce((text, [name, make]) => {
    const begin = `<!-- ${name}: made by npm run reference -->\n`;
    const end = `<!-- end of ${name} -->`;
    const [before, rest] = split(text, begin);
    const [, after] = split(rest, end);
    return `${before}${begin}\n${make()}\n${end}${after}`;
  }, document);
}

function split(text: string, mark: string): readonly [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the document lacks ${mark.trim()}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
