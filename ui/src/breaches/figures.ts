/** Counts over the breaches that are shown. Pure. */
import type { Breach } from "../api/index.ts";

export interface Counts {
  readonly open: number;
  readonly acknowledged: number;
  readonly escalated: number;
  readonly resolved: number;
  readonly dismissed: number;
}

export function countStates(breaches: readonly Breach[]): Counts {
  const counts = { open: 0, acknowledged: 0, escalated: 0, resolved: 0, dismissed: 0 };
  for (const breach of breaches) {
    if (breach.state === "open" && breach.escalated_at !== null) counts.escalated += 1;
    else counts[breach.state] += 1;
  }
  return counts;
}

/** How long until somebody answered, ms; null while nobody has, or when it was closed directly. */
export function answeredAfter(breach: Breach): number | null {
  if (breach.acknowledged_at === null) return null;
  return Math.max(0, Date.parse(breach.acknowledged_at) - Date.parse(breach.opened_at));
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  if (upper === undefined) return null;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? upper;
  return (upper + lower) / 2;
}
