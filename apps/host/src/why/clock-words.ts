import { absolute, type Clock, relative } from '../pages/moment.ts';

export type { Clock };

/** A time within this is told without its date. */
const near = 20 * 60 * 60_000;

/** `14:05 CET (in 13 minutes)`, or with the date where it is far away. */
export function timeWords(time: number, clock: Clock): string {
  const whole = absolute(time, clock);
  const short = Math.abs(time - clock.now) < near ? whole.replace(/^.*, /, '') : whole;
  return `${short} (${relative(time, clock)})`;
}

export function isLater(time: number, { now }: Clock): boolean {
  return time > now;
}
