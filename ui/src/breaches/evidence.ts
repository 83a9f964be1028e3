/** What of a breach's evidence is shown, and when to ask again. Pure. */
import type { Evidence } from "../api/index.ts";

/** A clip is in the record about so long after its breach: ten seconds, and some for writing. */
const CLIP_LATE_MS = 25_000;

/** Nothing more becomes of it. */
const ENDED: ReadonlySet<Evidence["state"]> = new Set(["ready", "missing", "locked", "lost"]);

export interface Shown {
  readonly snapshot: Evidence | null;
  /** In the order of time. */
  readonly clips: readonly Evidence[];
  /** The clip that shows the moment itself, else the first one. */
  readonly best: Evidence | null;
}

export function shownOf(items: readonly Evidence[]): Shown {
  const snapshot = items.find((one) => one.kind === "snapshot" && one.state === "ready") ?? null;
  const clips = items.filter((one) => one.kind === "clip");
  const holds = (one: Evidence): boolean => one.offset_ms >= 0 && one.offset_ms <= lengthMs(one);
  return { snapshot, clips, best: clips.find(holds) ?? clips[0] ?? null };
}

export function lengthMs(clip: Evidence): number {
  return Math.max(0, Date.parse(clip.ends_at) - Date.parse(clip.begins_at));
}

/** Where on the time line the moment lies, 0..1. */
export function momentOf(clip: Evidence): number {
  const length = lengthMs(clip);
  return length === 0 ? 0 : Math.min(1, Math.max(0, clip.offset_ms / length));
}

/** Whether something may still come: ask again soon. `now`: server time, ms. */
export function comes(items: readonly Evidence[], openedAt: string, now: number): boolean {
  const unfinished = items.some((one) => !ENDED.has(one.state));
  const young = now - Date.parse(openedAt) < CLIP_LATE_MS;
  return unfinished || (young && !items.some((one) => one.kind === "clip"));
}
