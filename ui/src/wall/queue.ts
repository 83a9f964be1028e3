/** What the rail shows: the breach at hand, the flood, the groups. Pure. */
import type { Breach, WallCamera } from "../api/index.ts";
import { inOrder } from "../breaches/order.ts";

/**
 * Which breach the rail holds. Arrivals never move it: the one that is held stays until it closes;
 * only then, or when there is none, the first of the queue is taken. An acknowledged one that
 * nobody chose gives way to one that waits.
 */
export function heldAfter(
  held: string | null,
  chosen: boolean,
  breaches: readonly Breach[],
): string | null {
  const still = breaches.find((breach) => breach.id === held);
  const first = inOrder(breaches)[0];
  if (still === undefined) return first?.id ?? null;
  if (!chosen && still.state !== "open" && first?.state === "open") return first.id;
  return still.id;
}

/** The next (1) or previous (-1) of the queue from the one held; stays at the ends. */
export function stepFrom(held: string | null, by: 1 | -1, queue: readonly Breach[]): string | null {
  const at = queue.findIndex((breach) => breach.id === held);
  if (at === -1) return queue[0]?.id ?? null;
  return (queue[at + by] ?? queue[at])?.id ?? null;
}

/** ISA-18.2: a flood begins above ten in ten minutes and is over below five. */
export const FLOOD_WINDOW_MS = 600_000;
const FLOOD_BEGINS = 10;
const FLOOD_ENDS = 5;

export function recentOpenings(openings: readonly number[], now: number): number {
  return openings.filter((at) => at > now - FLOOD_WINDOW_MS).length;
}

export function floodAfter(flooded: boolean, openings: readonly number[], now: number): boolean {
  const recent = recentOpenings(openings, now);
  return flooded ? recent >= FLOOD_ENDS : recent > FLOOD_BEGINS;
}

/** Whether the rail shows groups: in a flood, as long as something waits. */
export function isGrouping(flooded: boolean, breaches: readonly Breach[]): boolean {
  return flooded && breaches.some((breach) => breach.state === "open");
}

export interface BreachGroup {
  readonly key: string;
  readonly breaches: readonly Breach[];
  readonly first: Breach;
  readonly persons: number;
}

/** Open breaches by camera and rule; groups in the order of their most urgent, oldest member. */
export function grouped(breaches: readonly Breach[]): readonly BreachGroup[] {
  const groups = new Map<string, Breach[]>();
  for (const breach of inOrder(breaches)) {
    if (breach.state !== "open") continue;
    const key = `${breach.camera ?? breach.site}/${breach.rule ?? breach.kind}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [breach]);
    else group.push(breach);
  }
  return [...groups].flatMap(([key, members]) => {
    const first = members[0];
    if (first === undefined) return [];
    const persons = members.reduce((sum, breach) => sum + breach.persons, 0);
    return [{ key, breaches: members, first, persons }];
  });
}

/** The group that a breach is in, among `grouped`. */
export function groupOf(breach: string, breaches: readonly Breach[]): BreachGroup | null {
  const holds = (group: BreachGroup): boolean => group.breaches.some((one) => one.id === breach);
  return grouped(breaches).find(holds) ?? null;
}

/** Cameras lost within one minute are one cause: from this many on, power or network. */
const COMMON_CAUSE = 5;
const COMMON_CAUSE_MS = 60_000;

/** What has lost so many cameras at once: ourselves, else power or network. */
export type Cause = "worker" | "power";

/** What lost cameras have in common, if anything. */
export function commonCause(lost: readonly Pick<WallCamera, "reason" | "since">[]): Cause | null {
  const sorted = lost.map((one) => Date.parse(one.since ?? "")).toSorted((a, b) => a - b);
  const together = sorted.some((at, index) => {
    const fifth = sorted[index + COMMON_CAUSE - 1];
    return fifth !== undefined && fifth - at <= COMMON_CAUSE_MS;
  });
  if (!together) return null;
  return lost.every((one) => one.reason === "worker_lost") ? "worker" : "power";
}
