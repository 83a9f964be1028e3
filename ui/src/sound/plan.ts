/**
 * Which tone is due. Pure. High: two tones every 3 s until somebody selects or acknowledges the
 * breach; medium: once; low: silent. In a flood: one tone per 30 s for all.
 */
import type { Priority } from "../api/index.ts";

export const HIGH_EVERY_MS = 3000;
export const FLOOD_EVERY_MS = 30_000;
export const MUTE_MS = 600_000;

export interface Alarm {
  readonly id: string;
  readonly priority: Priority;
}

export interface SoundState {
  /** When the last tone began, ms; null: none yet. */
  readonly lastAt: number | null;
  /** Medium alarms that have had their one tone. */
  readonly told: ReadonlySet<string>;
}

export const SILENT: SoundState = { lastAt: null, told: new Set() };

export type Tone = "high" | "medium";

/**
 * `alarms`: open breaches that nobody has selected yet. Answers the tone to play now, if any, and
 * the state after it. Muted time counts as told for medium ones: they do not all ring at its end.
 */
export function dueTone(
  state: SoundState,
  alarms: readonly Alarm[],
  world: { readonly now: number; readonly muted: boolean; readonly flooded: boolean },
): { readonly tone: Tone | null; readonly state: SoundState } {
  const high = alarms.some((alarm) => alarm.priority === "high");
  const fresh = alarms.filter((one) => one.priority === "medium" && !state.told.has(one.id));
  const told = new Set(alarms.filter((one) => one.priority === "medium").map((one) => one.id));
  if (world.muted || (!high && fresh.length === 0)) {
    return { tone: null, state: { lastAt: state.lastAt, told } };
  }
  const every = world.flooded ? FLOOD_EVERY_MS : HIGH_EVERY_MS;
  if (state.lastAt !== null && world.now - state.lastAt < every) {
    return { tone: null, state };
  }
  return { tone: high ? "high" : "medium", state: { lastAt: world.now, told } };
}
