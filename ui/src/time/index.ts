export { age, ago, clockDuration, clockTenths } from "./durations.ts";
export { clock, dayMonth, fromField, orderTime, stamp, toField, until } from "./zone.ts";
