/** Milliseconds since 1970 of a time as vendors write it: ISO 8601, or seconds or milliseconds since 1970. */
export function readTime(value: unknown): number | undefined {
  if (value instanceof Date) return possible(value.getTime());
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  if (typeof value === 'string' && value.trim() === '') return undefined;
  const number = Number(value);
  if (Number.isFinite(number)) return possible(Math.abs(number) < 1e11 ? number * 1000 : number);
  return possible(Date.parse(String(value)));
}

/** What a Date can hold. */
function possible(time: number): number | undefined {
  return Math.abs(time) <= 8.64e15 ? time : undefined;
}

export const timeFormats = ['iso', 'date', 'time', 'datetime'] as const;
export type TimeFormat = (typeof timeFormats)[number];

/** Throws a RangeError for a zone that isn't in the IANA database. */
export function formatTime(time: number, format: TimeFormat, zone: string): string {
  const part = partsOf(time, zone, format === 'iso' ? 'longOffset' : 'short');
  const date = `${part.year?.padStart(4, '0')}-${part.month}-${part.day}`;
  if (format === 'date') return date;
  if (format === 'iso') {
    const offset = part.timeZoneName?.replace(/^GMT(\+00:00)?/, '') || 'Z';
    return `${date}T${part.hour}:${part.minute}:${part.second}${offset}`;
  }
  const clock = `${part.hour}:${part.minute} ${part.timeZoneName}`;
  return format === 'time' ? clock : `${date} ${clock}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function partsOf(
  time: number,
  timeZone: string,
  timeZoneName: 'short' | 'longOffset',
): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const key = `${timeZoneName} ${timeZone}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZone,
      timeZoneName,
    });
    // Zones may come from a payload: keep few.
    if (formatters.size >= 64) formatters.clear();
    formatters.set(key, formatter);
  }
  return Object.fromEntries(formatter.formatToParts(time).map((part) => [part.type, part.value]));
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The two largest units that matter: `250 ms`, `45 s`, `3 min`, `2 h 5 min`, `1 d 4 h`. Never negative. */
export function formatDuration(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length > 0 && length < 1000) return `${Math.round(length)} ms`;
  if (length < minute) return `${Math.floor(length / 1000)} s`;
  if (length < hour) return `${Math.floor(length / minute)} min`;
  const [large, small] = length < day ? ([hour, minute] as const) : ([day, hour] as const);
  const [largeName, smallName] = length < day ? ['h', 'min'] : ['d', 'h'];
  const rest = Math.floor((length % large) / small);
  return `${Math.floor(length / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ''}`;
}
