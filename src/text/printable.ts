import { mapStrings } from './map-strings.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: it removes them
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A value whose strings hold no control character and no direction mark. Names and messages come from manifests and
 * servers; none of them may move a terminal's cursor, change its colours or hide what it says.
 */
export function printable<T>(value: T): T {
  return mapStrings(value, (text) => text.replace(CONTROL, '�'));
}
