/** `1 pod`, `14 pods`, `1,204 pods`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  // Not toLocaleString: loading the locale data costs a tenth of a whole diagnosis.
  const digits = String(n).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return `${digits} ${n === 1 ? noun : plural}`;
}

/** A length of time for people, two units at most: `45 s`, `4 min 10 s`, `2 h 5 min`, `3 d 1 h`. Negative counts as zero. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return joined(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (seconds < 86_400) return joined(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
  return joined(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h');
}

const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** When something happened, for a sentence: `5 min ago`, `3 h ago`, `on 2 Feb`, `on 2 Feb 2024`; days are those of UTC. */
export function whenWords(rfc3339: string, now: Date): string {
  const then = new Date(rfc3339);
  const ago = now.getTime() - then.getTime();
  if (Number.isNaN(ago)) return `at ${rfc3339}`;
  if (ago >= 0 && ago < 2 * DAY_MS) return `${duration(ago < 3_600_000 ? ago : ago - (ago % 3_600_000))} ago`;
  return dateWords(rfc3339, now);
}

/** The date of something, for a sentence: `on 2 Feb`, `on 2 Feb 2024`; days are those of UTC. */
export function dateWords(rfc3339: string, now: Date): string {
  const then = new Date(rfc3339);
  if (Number.isNaN(then.getTime())) return `at ${rfc3339}`;
  const year = then.getUTCFullYear() === now.getUTCFullYear() ? '' : ` ${then.getUTCFullYear()}`;
  return `on ${then.getUTCDate()} ${MONTHS[then.getUTCMonth()]}${year}`;
}

/** `a`, `a and b`, `a, b and c`, `a, b and 3 more`. */
export function list(items: readonly string[], most = 3): string {
  const shown = items.length > most ? [...items.slice(0, most - 1), `${items.length - most + 1} more`] : items;
  if (shown.length < 2) return shown[0] ?? '';
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** A text cut to at most so many characters, with `...` in place of what is left out. */
export function shortened(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}

/** A text with one full stop at its end. What servers and libraries say may bring its own, or a mark of another kind. */
export function sentence(text: string): string {
  const bare = text.trimEnd();
  return bare === '' || /[.!?…]["')\]]?$/.test(bare) ? bare : `${bare}.`;
}

/** `512 B`, `84.2 MB`, `1.3 GB`: decimal, as registries and image lists count. */
export function byteWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
