export { age, ago, clockDuration } from "./durations.ts";
export { clock, dayMonth, fromField, orderTime, stamp, toField, until } from "./zone.ts";
