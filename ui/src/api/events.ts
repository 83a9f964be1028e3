/**
 * What the event stream says, parsed once into a union. A message of an unknown type, or one that
 * does not have the shape it should, becomes null and is dropped: a newer server breaks nothing.
 * Times become milliseconds, coordinates fractions of the frame.
 */
import * as v from "valibot";
import type { Breach, WallCamera } from "./types.ts";

/** One message as the stream delivers it. */
export interface RawMessage {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

export interface OpenedBreach {
  readonly id: string;
  readonly kind: Breach["kind"];
  readonly priority: Breach["priority"];
  readonly site: string;
  readonly unit: string;
  readonly camera: string | null;
  readonly rule: string | null;
  readonly line: string | null;
  readonly area: string | null;
  readonly persons: number;
  readonly orders: Breach["orders"];
  readonly openedAt: string;
  readonly beganAt: string;
  readonly decidedAt: string | null;
  readonly why: Breach["why"];
}

export interface ObservedEvent {
  readonly id: string;
  readonly kind: Breach["kind"];
  readonly time: string;
  readonly camera: string;
  readonly line: string | null;
  readonly area: string | null;
  readonly persons: number;
}

/** An answer to a breach: who did it is a user id here; the name comes with the breach itself. */
export type BreachStep = "acknowledged" | "resolved" | "dismissed" | "commented";

export type LiveEvent =
  | { readonly type: "tick"; readonly now: number; readonly position: number }
  | { readonly type: "reset"; readonly position: number }
  | {
      readonly type: "occupancy";
      readonly camera: string;
      readonly at: string;
      readonly persons: number | null;
      readonly areas: Readonly<Record<string, number | null>>;
    }
  | { readonly type: "opened"; readonly position: number; readonly breach: OpenedBreach }
  | {
      readonly type: "updated";
      readonly position: number;
      readonly breach: string;
      readonly persons: number;
    }
  | {
      readonly type: "ended";
      readonly position: number;
      readonly breach: string;
      readonly at: string;
    }
  | {
      readonly type: "step";
      readonly position: number;
      readonly step: BreachStep;
      readonly breach: string;
      readonly by: string;
      readonly at: string;
      readonly reason: string | null;
    }
  | {
      readonly type: "camera";
      readonly position: number;
      readonly camera: string;
      readonly state: "online" | "degraded" | "offline" | "connecting" | "disabled";
      readonly reason: WallCamera["reason"];
      readonly since: string;
    }
  | { readonly type: "observed"; readonly position: number; readonly observation: ObservedEvent }
  /** What the wall is made of has changed (cameras, lines, orders): take the snapshot anew. */
  | { readonly type: "changed"; readonly position: number };

const KINDS = [
  "exit",
  "entry",
  "restricted",
  "gathering",
  "loitering",
  "over_capacity",
  "headcount_short",
  "camera_tampered",
  "camera_offline",
] as const;
const Kind = v.picklist(KINDS);
const Time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
);
const Nullable = v.optional(v.nullable(v.string()), null);
const Fraction = v.pipe(
  v.number(),
  v.integer(),
  v.transform((e4) => e4 / 10_000),
);

const REASONS = [
  "refused",
  "unreachable",
  "auth_failed",
  "not_found",
  "no_video",
  "unsupported_codec",
  "stalled",
  "ended",
  "corrupt",
  "clock_skewed",
  "tls_failed",
  "network_not_allowed",
  "no_publisher",
  "covered",
  "blinded",
  "defocused",
  "moved",
  "frozen",
  "dark",
  "address_sealed",
  "low_frame_rate",
  "unstable",
  "worker_lost",
  "no_detector",
  "evidence_full",
] as const satisfies readonly WallCamera["reason"][];
const Why = v.pipe(
  v.object({
    track: v.optional(v.nullable(v.number()), null),
    direction: Nullable,
    confidence_e4: v.optional(Fraction, 0),
    model: v.optional(v.string(), ""),
    reason: v.optional(v.nullable(v.picklist(REASONS)), null),
    path: v.optional(
      v.array(
        v.pipe(
          v.tuple([Fraction, Fraction, Time]),
          v.transform(([x, y, at]) => ({ x, y, at })),
        ),
      ),
      [],
    ),
  }),
  v.transform(({ confidence_e4, ...rest }) => ({ ...rest, confidence: confidence_e4 })),
);

const Opened = v.object({
  breach: v.string(),
  kind: Kind,
  priority: v.picklist(["high", "medium", "low"]),
  site: v.string(),
  unit: v.string(),
  camera: Nullable,
  rule: Nullable,
  line: Nullable,
  area: Nullable,
  persons: v.number(),
  orders: v.optional(
    v.array(v.object({ id: v.string(), number: v.string(), version: v.number() })),
    [],
  ),
  began_at: v.optional(v.nullable(Time), null),
  decided_at: v.optional(v.nullable(Time), null),
  why: v.optional(v.nullable(Why), null),
});
const Updated = v.object({ breach: v.string(), persons: v.number() });
const About = v.object({ breach: v.string() });
const Stepped = v.object({
  breach: v.string(),
  by: v.optional(v.string(), ""),
  outcome: Nullable,
  reason: Nullable,
});
/** A reason of a newer server is left out; the state still counts. */
const Camera = v.object({
  camera: v.optional(v.string()),
  reason: v.fallback(v.optional(v.nullable(v.picklist(REASONS)), null), null),
});
const Observed = v.object({
  observation: v.string(),
  kind: Kind,
  camera: v.string(),
  line: Nullable,
  area: Nullable,
  persons: v.number(),
});
const Envelope = v.object({ time: Time, subject: v.optional(v.string(), ""), data: v.unknown() });
const Tick = v.object({ now: Time, position: v.number() });
const Reset = v.object({ position: v.number() });
const Occupancy = v.object({
  camera: v.string(),
  at: Time,
  persons: v.nullable(v.number()),
  areas: v.optional(v.record(v.string(), v.nullable(v.number())), {}),
});

const STEPS: Readonly<Record<string, BreachStep>> = {
  "breach.acknowledged": "acknowledged",
  "breach.resolved": "resolved",
  "breach.dismissed": "dismissed",
  "breach.commented": "commented",
};
const CAMERA_STATES: Readonly<Record<string, "online" | "degraded" | "offline">> = {
  "camera.online": "online",
  "camera.degraded": "degraded",
  "camera.offline": "offline",
};
const CHANGES = new Set([
  "camera.added",
  "camera.changed",
  "camera.removed",
  "rule.changed",
  "site.changed",
  "order.issued",
  "order.lifted",
  "order.ended",
  "order.amended",
  "order.extended",
]);

export function parseMessage(raw: RawMessage): LiveEvent | null {
  const body = parseJson(raw.data);
  switch (raw.event) {
    case "tick": {
      const tick = v.safeParse(Tick, body);
      if (!tick.success) return null;
      const { now, position } = tick.output;
      return { type: "tick", now: Date.parse(now), position };
    }
    case "reset": {
      const reset = v.safeParse(Reset, body);
      return reset.success ? { type: "reset", position: reset.output.position } : null;
    }
    case "occupancy": {
      const counts = v.safeParse(Occupancy, body);
      return counts.success ? { type: "occupancy", ...counts.output } : null;
    }
  }
  const position = Number(raw.id);
  const envelope = v.safeParse(Envelope, body);
  if (raw.id === undefined || !Number.isSafeInteger(position) || !envelope.success) return null;
  return parseFact(raw.event?.replace(/^wardwatch\./, "") ?? "", position, envelope.output);
}

type Envelope = v.InferOutput<typeof Envelope>;

function parseFact(type: string, position: number, envelope: Envelope): LiveEvent | null {
  const step = STEPS[type];
  if (step !== undefined) return parseStep(step, position, envelope);
  const state = CAMERA_STATES[type];
  if (state !== undefined) {
    const found = v.safeParse(Camera, envelope.data);
    if (!found.success) return null;
    const { camera = envelope.subject, reason } = found.output;
    return { type: "camera", position, camera, state, reason, since: envelope.time };
  }
  if (CHANGES.has(type)) return { type: "changed", position };
  return parseFinding(type, position, envelope);
}

function parseStep(step: BreachStep, position: number, envelope: Envelope): LiveEvent | null {
  const found = v.safeParse(Stepped, envelope.data);
  if (!found.success) return null;
  const { breach, by, outcome, reason } = found.output;
  return { type: "step", position, step, breach, by, at: envelope.time, reason: outcome ?? reason };
}

function parseFinding(type: string, position: number, envelope: Envelope): LiveEvent | null {
  const { data, time } = envelope;
  if (type === "breach.opened") {
    const found = v.safeParse(Opened, data);
    if (!found.success) return null;
    const { breach: id, began_at, decided_at, ...rest } = found.output;
    const times = { openedAt: time, beganAt: began_at ?? time, decidedAt: decided_at };
    return { type: "opened", position, breach: { id, ...rest, ...times } };
  }
  if (type === "breach.updated") {
    const found = v.safeParse(Updated, data);
    return found.success ? { type: "updated", position, ...found.output } : null;
  }
  if (type === "breach.ended") {
    const found = v.safeParse(About, data);
    return found.success ? { type: "ended", position, breach: found.output.breach, at: time } : null;
  }
  if (type === "observation.recorded") {
    const found = v.safeParse(Observed, data);
    if (!found.success) return null;
    const { observation: id, ...rest } = found.output;
    return { type: "observed", position, observation: { id, time, ...rest } };
  }
  return null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

