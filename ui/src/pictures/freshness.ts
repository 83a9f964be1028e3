/**
 * Whether a picture may be shown as what is happening now. Pure. No frame for five seconds, or a
 * camera that the server calls offline: the picture goes. All times in ms by the server's clock.
 */
export const STILL_MAX_AGE_MS = 5000;

export interface PictureFacts {
  readonly state: "connecting" | "online" | "degraded" | "offline" | "disabled";
  /** When the state began. */
  readonly since: number | null;
  /** Capture time of the still in hand. */
  readonly stillAt: number | null;
  /** Capture time of the last frame the server knows of. */
  readonly frameAt: number | null;
  readonly now: number;
}

export type PictureState =
  | { readonly kind: "shown"; readonly capturedAt: number; readonly age: number }
  | { readonly kind: "lost"; readonly for: number; readonly last: number | null }
  | { readonly kind: "connecting"; readonly for: number }
  | { readonly kind: "disabled" };

export function pictureState(facts: PictureFacts): PictureState {
  const { state, since, stillAt, frameAt, now } = facts;
  if (state === "disabled") return { kind: "disabled" };
  const last = latest(stillAt, frameAt);
  if (state === "offline") return lost(last, since, now);
  if (stillAt !== null && now - stillAt <= STILL_MAX_AGE_MS) {
    return { kind: "shown", capturedAt: stillAt, age: Math.max(0, now - stillAt) };
  }
  const waited = Math.max(0, now - (since ?? now));
  // Online by the server, and its first still is still on its way here: not lost, not live.
  if (last !== null && now - last <= STILL_MAX_AGE_MS) return { kind: "connecting", for: waited };
  if (state === "connecting" && last === null) return { kind: "connecting", for: waited };
  return lost(last, since, now);
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.max(a, b);
}

function lost(last: number | null, since: number | null, now: number): PictureState {
  return { kind: "lost", for: Math.max(0, now - (last ?? since ?? now)), last };
}
