/** Publishing that comes back by itself: what happened decides when, and whether, it is tried again. */
import { backoff } from "../live/backoff.ts";
import type { PublicationEnd } from "./whip.ts";

export type Next =
  /** Try again in so many ms. */
  | { readonly kind: "again"; readonly inMs: number }
  /** Nothing that this phone can mend: it has to be paired anew. */
  | { readonly kind: "paired_anew" };

/** So long after its last picture the server lets another publisher in. */
const TAKEN_MS = 2500;
/** The server's answer to being asked too often, or having no process for this camera yet. */
const BUSY_MS = 3000;

/** `attempt`: tries in a row that came to nothing. `random` is in [0, 1). */
export function after(end: PublicationEnd, attempt: number, random: number): Next {
  const wait = backoff(attempt, random);
  if (end.kind === "lost") return { kind: "again", inMs: wait };
  switch (end.refusal.kind) {
    case "token":
      return { kind: "paired_anew" };
    case "taken":
      return { kind: "again", inMs: Math.max(TAKEN_MS, wait) };
    case "busy":
      return { kind: "again", inMs: Math.max(BUSY_MS, wait) };
    case "offline":
    case "other":
      return { kind: "again", inMs: wait };
  }
}
