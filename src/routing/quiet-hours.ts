/** Days of the week as a configuration names them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Hours of a day in which nobody wants to be told by itself, in the time of a place. */
export interface QuietHours {
  /** `22:00`. */
  readonly from: string;
  /** `07:00`, on the next day where that is not after `from`; `24:00` for the end of the day. */
  readonly to: string;
  /** As the IANA has it: `Europe/Berlin`. */
  readonly timeZone: string;
  /** The days on which they begin; absent for all. */
  readonly days?: readonly Day[] | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** Clocks are put forward and back by an hour, in one place by half of it. */
const MOST_SHIFTED = 61;

/** Whether hours are quiet at a moment. */
export function isQuiet(hours: QuietHours, at: Date): boolean {
  return minutesLeft(hours, at) > 0;
}

/** When quiet hours end that hold at a moment; undefined where they do not hold, or never end. */
export function quietUntil(hours: QuietHours, at: Date): Date | undefined {
  let end = Math.floor(at.getTime() / MINUTE_MS);
  const leftAt = (minute: number): number => minutesLeft(hours, new Date(minute * MINUTE_MS));
  if (!isQuiet(hours, at)) return undefined;
  // Quiet days follow each other; after more than a week they do so for ever.
  for (let periods = 0; leftAt(end) > 0; periods++) {
    if (periods > DAYS.length + 1) return undefined;
    end += leftAt(end);
    // Where clocks were put forward in between, the hour struck earlier.
    for (let back = 0; back < MOST_SHIFTED && leftAt(end - 1) === 0; back++) end -= 1;
  }
  return new Date(end * MINUTE_MS);
}

/** Minutes by the clock until the quiet hours of a moment end; 0 where they do not hold. */
function minutesLeft({ from, to, timeZone, days = DAYS }: QuietHours, at: Date): number {
  const { day, minute } = wallClock(timeZone, at);
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const isOn = (offset: number): boolean => days.some((name) => DAYS.indexOf(name) === (day + offset + DAYS.length) % DAYS.length);
  if (begin < end) return isOn(0) && begin <= minute && minute < end ? end - minute : 0;
  if (isOn(0) && minute >= begin) return DAY_MINUTES - minute + end;
  return isOn(-1) && minute < end ? end - minute : 0;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** The day of the week, Monday first, and the minute of the day. */
function wallClock(timeZone: string, at: Date): { readonly day: number; readonly minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const names: readonly string[] = DAYS;
  const day = names.indexOf(parts['weekday']?.toLowerCase() ?? '');
  return { day, minute: Number(parts['hour']) * 60 + Number(parts['minute']) };
}
