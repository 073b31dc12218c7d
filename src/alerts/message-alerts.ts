import { redact } from '../facts/redaction.ts';
import type { Alert } from './alert.ts';
import { locationsInText } from './location-in-text.ts';

/** More pods than this in one message are not looked at. */
const MAX_LOCATIONS = 20;
const MAX_TEXT = 2_000;
/** `alertname: KubePodNotReady`, `[FIRING:1] KubePodNotReady`. */
const NAMED =
  /\balert_?name["'`*_ ]{0,3}[:=]["'`*_ ]{0,3}([A-Za-z][A-Za-z0-9_-]{2,99})|^\[[A-Za-z]{3,10}:?[0-9]{0,5}\] {0,3}([A-Z][A-Za-z0-9_-]{2,99})/m;
const ENDED = /^\W{0,10}(?:\[RESOLVED|resolved\b|recovered\b|\[OK\])/i;

/** The alerts that a message of another app stands for: one for each place it names, or one that names none. `id` is the chat's name of the message. */
export function alertsOfMessage(text: string, { source, id }: { readonly source: string; readonly id: string }): readonly Alert[] {
  const locations = locationsInText(text).slice(0, MAX_LOCATIONS);
  const [, labelled, titled] = NAMED.exec(text) ?? [];
  const common = {
    source,
    status: ENDED.test(text.trimStart()) ? 'resolved' : 'firing',
    name: labelled ?? titled ?? '',
    labels: {},
    text: redact(text).slice(0, MAX_TEXT),
  } as const;
  return locations.length === 0
    ? [{ ...common, id, location: {} }]
    : locations.map((location, at) => ({ ...common, id: `${id}.${at}`, location }));
}
