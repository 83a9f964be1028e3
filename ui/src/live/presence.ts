/**
 * What the page does when it is hidden, comes back, or the network does. A hidden tab leaves the
 * stream after a minute, unless it has to ring.
 */
import { armed } from "../sound/index.ts";
import { hurryLive, pauseLive, resumeLive } from "./store.ts";

const HIDDEN_MS = 60_000;

export function watchPresence(): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const onVisibility = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (document.hidden) timer = setTimeout(() => !armed() && pauseLive(), HIDDEN_MS);
    else resumeLive();
  };
  document.addEventListener("visibilitychange", onVisibility);
  globalThis.addEventListener("online", hurryLive);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    globalThis.removeEventListener("online", hurryLive);
    if (timer !== null) clearTimeout(timer);
  };
}
