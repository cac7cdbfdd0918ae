/** Weeks, days, hours, minutes, seconds, milliseconds; each at most once, the longest first: `1h30m`. */
export const durationPattern = /^(?=\d)(\d{1,9}w)?(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m)?(\d{1,9}s)?(\d{1,9}ms)?$/;

const units = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000, 1];

/** Milliseconds of a text that matches the pattern. */
export function toMilliseconds(duration: string): number {
  const parts = durationPattern.exec(duration)?.slice(1) ?? [];
  return parts.reduce((sum, part, index) => sum + Number.parseInt(part ?? '0', 10) * units[index]!, 0);
}
