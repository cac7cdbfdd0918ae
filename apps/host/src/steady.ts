/** Milliseconds since 1970 by a clock that nobody sets while this process runs: for what lasts a while, not for the time of day. */
export function steadyNow(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
