/** The reader's clock and place, for what a message leaves to them. */
export interface Reader {
  now: Date;
  /** IANA name: `Europe/Berlin`. */
  zone: string;
}

const DAY = 86_400_000;

/**
 * Fills in the tokens of Slack's date format for one reader; undefined where the format has others.
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export function formatMoment(moment: Date, format: string, reader: Reader): string | undefined {
  let known = true;
  const text = format.replace(/\{([a-z_]*)\}/g, (_, token: string) => {
    const value = formatToken(moment, token, reader);
    known &&= value !== undefined;
    return value ?? '';
  });
  return known ? text : undefined;
}

function formatToken(moment: Date, token: string, reader: Reader): string | undefined {
  const { year, month, day, hour, minute, second, weekday, monthName, shortMonth } = partsOf(moment, reader.zone);
  switch (token) {
    case 'date_num':
      return `${year}-${month}-${day}`;
    case 'date_slash':
      return `${month}/${day}/${year}`;
    case 'date':
      return `${monthName} ${ordinal(Number(day))}, ${year}`;
    case 'date_short':
      return `${shortMonth} ${Number(day)}, ${year}`;
    case 'date_long':
      return `${weekday}, ${monthName} ${ordinal(Number(day))}, ${year}`;
    case 'date_pretty':
    case 'date_short_pretty':
    case 'date_long_pretty':
      return nearDay(moment, reader) ?? formatToken(moment, token.replace('_pretty', ''), reader);
    case 'time':
      return `${hour}:${minute}`;
    case 'time_secs':
      return `${hour}:${minute}:${second}`;
    case 'ago':
      return ago(moment, reader.now);
    default:
      return undefined;
  }
}

function partsOf(moment: Date, zone: string) {
  const part = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en', { timeZone: zone, ...options }).format(moment);
  const digits = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(moment);
  const digit = (type: Intl.DateTimeFormatPartTypes): string => digits.find((one) => one.type === type)?.value ?? '';
  return {
    year: digit('year'),
    month: digit('month'),
    day: digit('day'),
    hour: digit('hour'),
    minute: digit('minute'),
    second: digit('second'),
    weekday: part({ weekday: 'long' }),
    monthName: part({ month: 'long' }),
    shortMonth: part({ month: 'short' }),
  };
}

function nearDay(moment: Date, { now, zone }: Reader): string | undefined {
  const dayOf = (date: Date): number => {
    const { year, month, day } = partsOf(date, zone);
    return Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY;
  };
  const distance = dayOf(moment) - dayOf(now);
  return { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' }[String(distance)];
}

function ago(moment: Date, now: Date): string {
  const seconds = Math.round((moment.getTime() - now.getTime()) / 1000);
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const;
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.round(seconds / size), unit);
}

function ordinal(day: number): string {
  const suffix = day > 10 && day < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${suffix}`;
}
