/** Whether a name is a zone of the IANA data base that this machine knows, such as `Europe/Berlin`. */
export function isZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** How far the clocks of a zone are ahead of UTC at an instant, in milliseconds; negative west of Greenwich. */
export function offsetAt(zone: string, instant: number): number {
  const [, sign, hours, minutes, seconds] = offsetForm.exec(formatterOf(zone).format(instant)) ?? [];
  const size = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000;
  return sign === '-' ? -size : size;
}

/** `GMT`, `GMT+05:30`, and with seconds from the times before zones. */
const offsetForm = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/** To make one takes a thousand times as long as to use it. The names come from the config, so they are few. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formatters.set(zone, formatter);
  return formatter;
}
