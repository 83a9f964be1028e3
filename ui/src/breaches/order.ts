/** In which order breaches wait for an answer, on every screen. Pure. */
import type { Breach, Priority } from "../api/index.ts";

const RANK: Readonly<Record<Priority, number>> = { high: 0, medium: 1, low: 2 };

const waiting = (breach: Breach): number => (breach.state === "open" ? 0 : 1);

/** Open before acknowledged, then by priority, then the oldest first. */
export function inOrder(breaches: readonly Breach[]): readonly Breach[] {
  return breaches.toSorted(
    (a, b) =>
      waiting(a) - waiting(b) ||
      RANK[a.priority] - RANK[b.priority] ||
      Date.parse(a.opened_at) - Date.parse(b.opened_at) ||
      (a.id < b.id ? -1 : 1),
  );
}
