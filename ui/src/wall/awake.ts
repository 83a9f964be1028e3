/** Keeps the screen from going dark while the wall is shown. The browser takes the lock away when
 * the tab is hidden; it is asked for again when the tab comes back. Refusal is no fault. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = async (): Promise<void> => {
    if (over || document.hidden || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (over) await lock.release();
    } catch {
      lock = null; // low battery, or forbidden by policy
    }
  };
  const onVisibility = (): void => void ask();
  document.addEventListener("visibilitychange", onVisibility);
  void ask();
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", onVisibility);
    void lock?.release();
  };
}
