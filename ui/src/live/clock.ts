/** The time on the screen: the server's, told once a second to whoever shows an age. */
import { useSyncExternalStore } from "react";
import { serverNow } from "./store.ts";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;
let shown = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tell, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tell(): void {
  shown = serverNow();
  for (const listener of listeners) listener();
}

/** The server's clock, renewed once a second; ms. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => {
    // Between ticks the same value, or React would draw for ever.
    const now = serverNow();
    if (Math.abs(now - shown) > 1000) shown = now;
    return shown;
  });
}
