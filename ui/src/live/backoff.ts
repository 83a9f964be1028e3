/** How long to wait before the next try, in ms: 0.25 s doubling to 10 s, half of it by chance, so
 * that a room of screens does not come back in one instant. `random` is in [0, 1). */
export function backoff(attempt: number, random: number): number {
  const whole = Math.min(10_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.max(250, whole / 2 + (whole / 2) * random);
}
