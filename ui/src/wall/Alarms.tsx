import { useEffect, useState } from "react";
import { onBreachEvent, useLive } from "../live/index.ts";
import { ring } from "../sound/index.ts";
import { clock } from "../time/index.ts";
import { kindWord, m } from "../words/index.ts";
import { followRail, unheard, useRail } from "./store.ts";

const RING_EVERY_MS = 250;

/** Rings, and says aloud to screen readers what arrives, on whichever page one is. Draws nothing. */
export function Alarms() {
  const [said, setSaid] = useState("");
  useEffect(followRail, []);
  useEffect(() => {
    const timer = setInterval(() => {
      const open = unheard(useLive.getState().wall?.breaches ?? []);
      ring(open, useRail.getState().flooded);
    }, RING_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(
    () =>
      onBreachEvent((event) => {
        const { wall } = useLive.getState();
        if (event.type !== "opened" || wall === null || event.breach.site !== wall.site.id) return;
        const breach = wall.breaches.find((one) => one.id === event.breach.id);
        if (breach === undefined) return;
        setSaid(
          m.arrived({
            kind: kindWord(breach.kind),
            camera: breach.camera_name ?? m.history_whole_site(),
            time: clock(Date.parse(breach.opened_at), wall.site.timezone),
          }),
        );
        navigator.vibrate?.([200, 100, 200]);
      }),
    [],
  );
  return (
    <div className="hidden-but-read" role="status" aria-live="assertive">
      {said}
    </div>
  );
}
