/** A release in CHANGELOG.md, or what is not released yet; the newest comes first. */
export interface ChangelogSection {
  readonly version: string;
  /** `2026-01-31`; undefined for what is not released. */
  readonly date: string | undefined;
  readonly kinds: readonly string[];
  /** True where nothing is listed. */
  readonly empty: boolean;
}

/** The kinds of changes, in their order: https://keepachangelog.com/en/1.1.0/ */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
const HEADING = /^## \[(Unreleased|[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9})\](?: - ([0-9]{4}-[0-9]{2}-[0-9]{2}))?$/;

/** The sections of a changelog. Throws an Error for a heading that is none, and for kinds that are not known, repeated or out of order. */
export function changelogSections(text: string): readonly ChangelogSection[] {
  return text
    .split(/^(?=## )/m)
    .filter((section) => section.startsWith('## '))
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const [, version, date] = HEADING.exec(heading) ?? [];
      if (version === undefined || (version === 'Unreleased') !== (date === undefined))
        throw new Error(`"${heading}" is no heading of a changelog: write ## [Unreleased] or ## [1.2.3] - 2026-01-31`);
      const kinds = lines.filter((line) => line.startsWith('### ')).map((line) => line.slice(4));
      const places = kinds.map((kind) => KINDS.indexOf(kind));
      if (places.some((place, at) => place < 0 || place <= (places[at - 1] ?? -1)))
        throw new Error(`${version} has ${kinds.join(', ')}: each of ${KINDS.join(', ')} may stand once, in this order`);
      return { version, date, kinds, empty: !lines.some((line) => line.startsWith('- ')) };
    });
}
