/** How long to wait before a live view is tried again, in ms: 2, 4 … 60 s, a quarter of it by
 * chance. `attempt` counts from 0; `random` is in [0, 1). Pure. */
export function retryAfter(attempt: number, random: number): number {
  const whole = Math.min(60_000, 2000 * 2 ** Math.min(attempt, 10));
  return whole * (0.75 + 0.25 * random);
}

/** A picture that showed no new frame for so long is gone. */
export const FRAME_MAX_AGE_MS = 5000;
