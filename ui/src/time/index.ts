export { age, ago, clockDuration } from "./durations.ts";
export { clock, dayMonth, fromLocalInput, stamp, toLocalInput, until } from "./zone.ts";
