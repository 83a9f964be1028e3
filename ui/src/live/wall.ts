/**
 * The wall as a value, and the one function that changes it. Pure: no clock, no network. Times
 * stay as the server wrote them; who shows them turns them into the site's zone.
 */
import type {
  Breach,
  Detector,
  Figures,
  LiveEvent,
  Observation,
  OpenedBreach,
  Site,
  Wall,
  WallCamera,
  WallOrder,
} from "../api/index.ts";

/** Observations that the rail keeps; older ones are in the record. */
const OBSERVATIONS_KEPT = 20;
/** Openings remembered for the flood rule, which looks back ten minutes. */
const OPENINGS_KEPT = 200;

export interface WallState {
  readonly site: Site;
  readonly figures: Figures;
  readonly detector: Detector;
  readonly orders: readonly WallOrder[];
  /** In the installer's order, never re-sorted. */
  readonly cameras: readonly WallCamera[];
  /** Open and acknowledged ones; a closed breach leaves. */
  readonly breaches: readonly Breach[];
  readonly observations: readonly Observation[];
  /** When breaches opened, newest last, ms: what the flood rule counts. */
  readonly openings: readonly number[];
}

export function fromSnapshot(wall: Wall, before: WallState | null): WallState {
  const known = before !== null && before.site.id === wall.site.id ? before.openings : [];
  const opened = wall.breaches.map((breach) => Date.parse(breach.opened_at));
  const openings = [...new Set([...known, ...opened])].toSorted((a, b) => a - b);
  return {
    site: wall.site,
    figures: wall.figures,
    detector: wall.detector,
    orders: wall.orders,
    cameras: wall.cameras,
    breaches: wall.breaches,
    observations: wall.observations.slice(0, OBSERVATIONS_KEPT),
    openings: openings.slice(-OPENINGS_KEPT),
  };
}

export function reduceEvent(state: WallState, event: LiveEvent): WallState {
  switch (event.type) {
    case "opened":
      return event.breach.site === state.site.id ? withOpened(state, event.breach) : state;
    case "updated":
      return changeBreach(state, event.breach, (b) => ({ ...b, persons: event.persons }));
    case "ended":
      return changeBreach(state, event.breach, (b) => ({ ...b, ended_at: event.at }));
    case "step":
      return withStep(state, event);
    case "occupancy":
      return changeCount(state, event.camera, (camera) => ({
        ...camera,
        persons: event.persons,
        counts_at: event.at,
        areas: camera.areas.map((area) => ({
          ...area,
          persons: event.persons === null ? null : (event.areas[area.id] ?? 0),
        })),
      }));
    case "camera":
      return changeCount(state, event.camera, (camera) => ({
        ...camera,
        state: event.state,
        reason: event.reason,
        since: event.since,
        persons: event.state === "offline" ? null : camera.persons,
      }));
    case "observed":
      return withObservation(state, event.observation);
    case "tick":
    case "reset":
    case "changed":
      return state;
  }
}

/** The breach as the server states it now: put in place, or taken off when it is closed. */
export function withBreach(state: WallState, breach: Breach): WallState {
  if (breach.site !== state.site.id) return state;
  const others = state.breaches.filter((other) => other.id !== breach.id);
  if (breach.state === "resolved" || breach.state === "dismissed") {
    return others.length === state.breaches.length ? state : { ...state, breaches: others };
  }
  return { ...state, breaches: [...others, breach] };
}

function withOpened(state: WallState, opened: OpenedBreach): WallState {
  if (state.breaches.some((breach) => breach.id === opened.id)) return state;
  const openings = [...state.openings, Date.parse(opened.openedAt)].slice(-OPENINGS_KEPT);
  return { ...state, openings, breaches: [...state.breaches, named(state, opened)] };
}

/** A breach fresh from the stream, with the names that the wall knows. */
function named(state: WallState, opened: OpenedBreach): Breach {
  const camera = state.cameras.find((one) => one.id === opened.camera);
  const first = opened.orders[0];
  return {
    id: opened.id,
    kind: opened.kind,
    priority: opened.priority,
    state: "open",
    opened_at: opened.openedAt,
    began_at: opened.beganAt,
    decided_at: opened.decidedAt,
    ended_at: null,
    closed_at: null,
    site: opened.site,
    site_name: state.site.name,
    unit: opened.unit,
    unit_name: state.site.unit_name,
    camera: opened.camera,
    camera_name: camera?.name ?? null,
    rule: opened.rule,
    line: opened.line,
    line_name: camera?.lines.find((line) => line.id === opened.line)?.name ?? null,
    area: opened.area,
    area_name: camera?.areas.find((area) => area.id === opened.area)?.name ?? null,
    order: first?.id ?? null,
    order_number: first?.number ?? null,
    orders: opened.orders,
    order_ended: false,
    persons: opened.persons,
    acknowledged_by: null,
    acknowledged_by_name: null,
    acknowledged_at: null,
    resolved_by: null,
    resolved_by_name: null,
    resolved_at: null,
    reason: null,
    escalates_at: null,
    escalated_at: null,
    escalated_to: null,
    evidence: [],
    history: [],
    why: opened.why,
  };
}

function withStep(state: WallState, event: Extract<LiveEvent, { type: "step" }>): WallState {
  switch (event.step) {
    case "acknowledged":
      return changeBreach(state, event.breach, (breach) =>
        breach.state === "open"
          ? { ...breach, state: "acknowledged", acknowledged_at: event.at }
          : breach,
      );
    case "resolved":
    case "dismissed":
      return { ...state, breaches: state.breaches.filter((one) => one.id !== event.breach) };
    case "commented":
      return state;
  }
}

function withObservation(
  state: WallState,
  observed: Extract<LiveEvent, { type: "observed" }>["observation"],
): WallState {
  const camera = state.cameras.find((one) => one.id === observed.camera);
  if (camera === undefined || state.observations.some((one) => one.id === observed.id)) return state;
  const observation: Observation = {
    id: observed.id,
    kind: observed.kind,
    time: observed.time,
    camera: observed.camera,
    camera_name: camera.name,
    line_name: camera.lines.find((line) => line.id === observed.line)?.name ?? null,
    area_name: camera.areas.find((area) => area.id === observed.area)?.name ?? null,
    persons: observed.persons,
  };
  const observations = [observation, ...state.observations].slice(0, OBSERVATIONS_KEPT);
  return { ...state, observations };
}

function changeBreach(
  state: WallState,
  id: string,
  change: (breach: Breach) => Breach,
): WallState {
  if (!state.breaches.some((breach) => breach.id === id)) return state;
  const breaches = state.breaches.map((breach) => (breach.id === id ? change(breach) : breach));
  return { ...state, breaches };
}

/** The same, and the site's figure with it, which is made of the cameras' counts. */
function changeCount(state: WallState, id: string, change: (camera: WallCamera) => WallCamera): WallState {
  const next = changeCamera(state, id, change);
  return next === state ? state : { ...next, figures: { ...next.figures, ...visibleOf(next.cameras) } };
}

/**
 * People in the areas that count, and the age of the oldest count among them. Unknown when one such
 * camera is: a sum that leaves a camera out looks like people gone. The server's snapshot says the same.
 */
function visibleOf(cameras: readonly WallCamera[]): Pick<Figures, "visible" | "visible_at"> {
  let visible = 0;
  let visible_at: string | null = null;
  for (const camera of cameras) {
    const counting = camera.areas.filter((area) => area.counts);
    if (counting.length === 0) continue;
    if (camera.persons === null || camera.counts_at === null) return { visible: null, visible_at: null };
    visible += counting.reduce((sum, area) => sum + (area.persons ?? 0), 0);
    if (visible_at === null || camera.counts_at < visible_at) visible_at = camera.counts_at;
  }
  return visible_at === null ? { visible: null, visible_at } : { visible, visible_at };
}

function changeCamera(
  state: WallState,
  id: string,
  change: (camera: WallCamera) => WallCamera,
): WallState {
  if (!state.cameras.some((camera) => camera.id === id)) return state;
  const cameras = state.cameras.map((camera) => (camera.id === id ? change(camera) : camera));
  return { ...state, cameras };
}
