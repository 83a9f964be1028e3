/**
 * How far this computer's clock is from the server's: the median over the last ten ticks, in ms to
 * add to `Date.now()`. A tick's way here takes some time, which makes the figure late by that much
 * and no more; the median leaves out the slow ones.
 */
const KEPT = 10;

export type SkewSamples = readonly number[];

export function withTick(samples: SkewSamples, serverNow: number, localNow: number): SkewSamples {
  return [...samples, serverNow - localNow].slice(-KEPT);
}

export function skewOf(samples: SkewSamples): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  if (sorted.length % 2 === 1) return upper;
  return (upper + (sorted[middle - 1] ?? upper)) / 2;
}
