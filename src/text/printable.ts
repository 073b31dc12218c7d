import { mapStrings } from './map-strings.ts';

/**
 * What shows nothing, or turns round what stands beside it: control characters but the line feed, Unicode's format characters (all marks of
 * direction among them), tags, fillers, selectors and its own breaks of lines. https://www.unicode.org/reports/tr36/
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it removes them
export const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]|\p{Cf}|\p{Default_Ignorable_Code_Point}/gu;

/**
 * A value whose strings hold nothing hidden. Names and messages come from manifests and
 * servers; none of them may move a terminal's cursor, change its colours or hide what it says.
 */
export function printable<T>(value: T): T {
  return mapStrings(value, (text) => text.replace(HIDDEN, '�'));
}
