/**
 * The rendering of as much text as fits. `render(kept)` renders the first `kept` of `total` code units; from `total`
 * on nothing is cut. The result is at most `limit` long, and close to it; without a limit it is whole. A code unit of
 * text counts for at least `lightest`.
 */
export function fit(
  total: number,
  limit: number | undefined,
  length: (rendered: string) => number,
  render: (kept: number) => string,
  lightest = 1,
): string {
  if (limit === undefined) return render(total);
  const most = Math.floor(limit / lightest);
  if (total <= most) {
    const whole = render(total);
    if (length(whole) <= limit) return whole;
  }
  let best = length('…') <= limit ? '…' : '';
  // `low` units fit, `high` don't; a guess assumes that those between cost alike. Every third time it is the middle.
  let [low, high] = [0, Math.min(total, most)];
  let [lowLength, highLength] = [0, Number.POSITIVE_INFINITY];
  for (let turn = 1; low < high; turn++) {
    const share =
      turn % 3 === 0 || highLength === Number.POSITIVE_INFINITY ? 0.5 : (limit - lowLength) / (highLength - lowLength);
    const kept = turn === 1 ? high - 1 : Math.min(high - 1, low + Math.floor((high - low) * share));
    const rendered = render(kept);
    const renderedLength = length(rendered);
    if (renderedLength <= limit) {
      best = rendered;
      if (limit - renderedLength <= limit / 64) break;
      [low, lowLength] = [kept + 1, renderedLength];
    } else {
      [high, highLength] = [kept, renderedLength];
    }
  }
  return best;
}
