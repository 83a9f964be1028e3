export { useNow } from "./clock.ts";
export { SILENCE_MS, type Link } from "./connection.ts";
export { watchPresence } from "./presence.ts";
export {
  failureOfLink,
  followSite,
  hurryLive,
  localOf,
  onBreachEvent,
  putBreach,
  serverNow,
  stopLive,
  useLive,
} from "./store.ts";
export type { WallState } from "./wall.ts";
