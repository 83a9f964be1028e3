/**
 * Which camera's still to ask for next. Pure. One still a second a camera, two requests in flight
 * in all; whoever waited longest goes first, those with a breach before the others.
 */
export const STILL_EVERY_MS = 1000;
export const IN_FLIGHT = 2;

export interface Wanted {
  readonly camera: string;
  readonly urgent: boolean;
  /** When it was last asked for; null: never. */
  readonly askedAt: number | null;
  readonly inFlight: boolean;
}

export function nextStill(wanted: readonly Wanted[], now: number): string | null {
  if (wanted.filter((one) => one.inFlight).length >= IN_FLIGHT) return null;
  let best: Wanted | null = null;
  for (const one of wanted) {
    const due = one.askedAt === null || now - one.askedAt >= STILL_EVERY_MS;
    if (one.inFlight || !due) continue;
    if (best === null || before(one, best)) best = one;
  }
  return best?.camera ?? null;
}

function before(a: Wanted, b: Wanted): boolean {
  if (a.urgent !== b.urgent) return a.urgent;
  return (a.askedAt ?? -Infinity) < (b.askedAt ?? -Infinity);
}
