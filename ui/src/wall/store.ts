/** What the rail holds: one breach, chosen by a person or by the queue, and whether it floods. */
import { create } from "zustand";
import type { Breach } from "../api/index.ts";
import { inOrder } from "../breaches/index.ts";
import { serverNow, useLive } from "../live/index.ts";
import { floodAfter, heldAfter, stepFrom } from "./queue.ts";

interface Rail {
  readonly held: string | null;
  /** A person selected it: it stays, and does not ring any more. */
  readonly chosen: boolean;
  /** Since when it is on the screen (performance.now); null: not drawn yet. */
  readonly shownAt: number | null;
  readonly heard: ReadonlySet<string>;
  readonly flooded: boolean;
}

export const SHOWN_BEFORE_ACK_MS = 400;

export const useRail = create<Rail>(() => ({
  held: null,
  chosen: false,
  shownAt: null,
  heard: new Set(),
  flooded: false,
}));

function hold(held: string | null, chosen: boolean): void {
  const before = useRail.getState();
  if (before.held === held && before.chosen === chosen) return;
  const shownAt = before.held === held ? before.shownAt : null;
  useRail.setState({ held, chosen, shownAt });
}

export function choose(breach: string): void {
  const { heard } = useRail.getState();
  useRail.setState({ heard: new Set([...heard, breach]) });
  hold(breach, true);
}

/** J and K. */
export function chooseStep(by: 1 | -1): void {
  const wall = useLive.getState().wall;
  if (wall === null) return;
  const next = stepFrom(useRail.getState().held, by, inOrder(wall.breaches));
  if (next !== null) choose(next);
}

/** After an answer: on to the next that waits, if any. */
export function releaseHeld(): void {
  const { held } = useRail.getState();
  hold(heldAfter(held, false, useLive.getState().wall?.breaches ?? []), false);
}

/** The rail has drawn the breach: only from now on can a key mean it. */
export function noteShown(breach: string): void {
  const { held, shownAt } = useRail.getState();
  if (held === breach && shownAt === null) useRail.setState({ shownAt: performance.now() });
}

/** The rail is not on the screen any more, or holds another. */
export function noteHidden(): void {
  useRail.setState({ shownAt: null });
}

/** Whether the held breach has been on the screen long enough to be meant. */
export function shownLongEnough(now: number = performance.now()): boolean {
  const { shownAt } = useRail.getState();
  return shownAt !== null && now - shownAt >= SHOWN_BEFORE_ACK_MS;
}

/** Open breaches that nobody at this screen has selected. */
export function unheard(breaches: readonly Breach[]): readonly Breach[] {
  const { heard } = useRail.getState();
  return breaches.filter((breach) => breach.state === "open" && !heard.has(breach.id));
}

/** Follows the live wall: holds the right breach, forgets what is gone, watches for a flood. */
export function followRail(): () => void {
  const follow = (): void => {
    const breaches = useLive.getState().wall?.breaches ?? [];
    const { held, chosen, heard } = useRail.getState();
    const next = heldAfter(held, chosen, breaches);
    hold(next, chosen && next === held);
    const ids = new Set(breaches.map((breach) => breach.id));
    const kept = [...heard].filter((id) => ids.has(id));
    if (kept.length !== heard.size) useRail.setState({ heard: new Set(kept) });
    watchFlood();
  };
  follow();
  const stop = useLive.subscribe((state, before) => {
    if (state.wall?.breaches !== before.wall?.breaches) follow();
  });
  const timer = setInterval(watchFlood, 1000);
  return () => {
    stop();
    clearInterval(timer);
  };
}

function watchFlood(): void {
  const openings = useLive.getState().wall?.openings ?? [];
  const { flooded } = useRail.getState();
  const next = floodAfter(flooded, openings, serverNow());
  if (next !== flooded) useRail.setState({ flooded: next });
}
