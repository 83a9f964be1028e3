export { HIGH_EVERY_MS, MUTE_MS, type Alarm } from "./plan.ts";
export { armSound, muteSound, ring, testTone, unmuteSound, useSound } from "./store.ts";
export { armed } from "./tones.ts";
