/** Whether sound is armed and muted, and the bell that rings for what waits. */
import { create } from "zustand";
import { dueTone, MUTE_MS, SILENT, type Alarm, type SoundState, type Tone } from "./plan.ts";
import { arm, armed, play } from "./tones.ts";

interface Sound {
  readonly armed: boolean;
  /** Until when it is muted, by this computer's clock; null: not muted. */
  readonly mutedUntil: number | null;
}

export const useSound = create<Sound>(() => ({ armed: false, mutedUntil: null }));

/** From a click: the sign-in's, or the bar's. */
export async function armSound(): Promise<void> {
  useSound.setState({ armed: await arm() });
}

export async function testTone(tone: Tone): Promise<void> {
  await armSound();
  play(tone);
}

export function muteSound(now: number = Date.now()): void {
  useSound.setState({ mutedUntil: now + MUTE_MS });
}

export function unmuteSound(): void {
  useSound.setState({ mutedUntil: null });
}

let state: SoundState = SILENT;

/** Called a few times a second with the open breaches that nobody has selected. */
export function ring(alarms: readonly Alarm[], flooded: boolean): void {
  const now = Date.now();
  const { mutedUntil, armed: known } = useSound.getState();
  if (mutedUntil !== null && now >= mutedUntil) unmuteSound();
  if (known !== armed()) useSound.setState({ armed: armed() });
  const due = dueTone(state, alarms, {
    now,
    muted: mutedUntil !== null && now < mutedUntil,
    flooded,
  });
  state = due.state;
  if (due.tone !== null) play(due.tone);
}
