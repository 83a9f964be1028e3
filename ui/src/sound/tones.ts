/** The two alarm tones, in Web Audio. Browsers stay silent until a click has armed the page. */
import type { Tone } from "./plan.ts";

let context: AudioContext | null = null;

/** Called from a click or a key press; true: sound will be heard. */
export async function arm(): Promise<boolean> {
  try {
    context ??= new AudioContext();
    if (context.state !== "running") await context.resume();
    return context.state === "running";
  } catch {
    return false; // no sound device, or the browser refuses: the bar says so
  }
}

export function armed(): boolean {
  return context?.state === "running";
}

/** Pitch in Hz, start and length in s. A falling pair is told from door bells and telephones. */
const NOTES: Readonly<Record<Tone, readonly (readonly [number, number, number])[]>> = {
  high: [
    [988, 0, 0.18],
    [740, 0.22, 0.26],
  ],
  medium: [[660, 0, 0.3]],
};

export function play(tone: Tone): void {
  if (context === null || context.state !== "running") return;
  for (const [pitch, from, length] of NOTES[tone]) note(context, pitch, from, length);
}

function note(audio: AudioContext, pitch: number, from: number, length: number): void {
  const start = audio.currentTime + from;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = "triangle";
  oscillator.frequency.value = pitch;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.5, start + 0.02);
  gain.gain.setValueAtTime(0.5, start + length - 0.06);
  gain.gain.linearRampToValueAtTime(0, start + length);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}
