/** What was not watched, for reading: how long in all, and the latest of it. Pure. */
import type { CameraUnwatched } from "../api/index.ts";

export interface Gap {
  readonly from: number;
  /** null: it goes on. */
  readonly to: number | null;
  readonly reason: string;
  readonly ms: number;
}

export interface UnwatchedSum {
  readonly ms: number;
  readonly count: number;
  /** The latest first. */
  readonly shown: readonly Gap[];
  /** Before those that are shown. */
  readonly more: number;
}

const MOST_SHOWN = 50;

/** `now`: server time, ms. */
export function sumOf(intervals: CameraUnwatched["intervals"], now: number): UnwatchedSum {
  const gaps = intervals.map(({ from, to, reason }) => {
    const began = Date.parse(from);
    const ended = to === null ? null : Date.parse(to);
    return { from: began, to: ended, reason, ms: Math.max(0, (ended ?? now) - began) };
  });
  return {
    ms: gaps.reduce((all, one) => all + one.ms, 0),
    count: gaps.length,
    shown: gaps.toReversed().slice(0, MOST_SHOWN),
    more: Math.max(0, gaps.length - MOST_SHOWN),
  };
}
