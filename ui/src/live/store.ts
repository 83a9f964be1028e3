/**
 * The live wall of one site, shared by every page: the bar counts from it, the rail rings from it.
 * Breaches are drawn at once; counts and camera states once a frame.
 */
import { create } from "zustand";
import {
  fetchBreach,
  fetchWall,
  streamUrl,
  type Breach,
  type Failure,
  type LiveEvent,
  type Wall,
} from "../api/index.ts";
import { fromSnapshot, reduceEvent, withBreach, type WallState } from "./wall.ts";
import { LiveConnection, type Link, type LivePorts } from "./connection.ts";
import { sharedStream } from "./sharing.ts";
import { skewOf, withTick, type SkewSamples } from "./skew.ts";

interface LiveState {
  readonly wall: WallState | null;
  readonly link: Link;
  /** When the server was last heard, by its own clock; ms. */
  readonly asOf: number | null;
  readonly samples: SkewSamples;
}

const BEGIN: LiveState = { wall: null, link: { kind: "connecting" }, asOf: null, samples: [] };

export const useLive = create<LiveState>(() => BEGIN);

let skew = 0;

/** The server's clock, as well as this page knows it; ms. */
export function serverNow(): number {
  return Date.now() + skew;
}

/** A time of the server's clock by this computer's. */
export function localOf(server: number): number {
  return server - skew;
}

type BreachEvent = Extract<LiveEvent, { type: "opened" | "updated" | "ended" | "step" }>;
const breachListeners = new Set<(event: BreachEvent) => void>();

/** Tells of each event of a breach, once, after the wall has taken it in. */
export function onBreachEvent(listener: (event: BreachEvent) => void): () => void {
  breachListeners.add(listener);
  return () => breachListeners.delete(listener);
}

/** A breach as the server answered it, put into the wall. */
export function putBreach(breach: Breach): void {
  const { wall } = useLive.getState();
  if (wall !== null) useLive.setState({ wall: withBreach(wall, breach) });
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

const ports: LivePorts = {
  snapshot: fetchWall,
  stream: (site, after, handlers, signal) => sharedStream(streamUrl(site), after, handlers, signal),
  now: () => Date.now(),
  random: Math.random,
  sleep,
};

const waiting: LiveEvent[] = [];
let frame: number | null = null;

function flush(): void {
  if (frame !== null) cancelAnimationFrame(frame);
  frame = null;
  const events = waiting.splice(0);
  const { wall } = useLive.getState();
  if (wall === null || events.length === 0) return;
  useLive.setState({ wall: events.reduce(reduceEvent, wall) });
}

function take(event: LiveEvent): void {
  if (event.type === "tick") {
    const samples = withTick(useLive.getState().samples, event.now, Date.now());
    skew = skewOf(samples);
    useLive.setState({ samples, asOf: serverNow() });
    return;
  }
  waiting.push(event);
  switch (event.type) {
    case "opened":
    case "updated":
    case "ended":
    case "step":
      flush();
      useLive.setState({ asOf: serverNow() });
      for (const listener of breachListeners) listener(event);
      if (event.type === "step" && event.step === "acknowledged") void learnName(event.breach);
      return;
    default:
      // A hidden tab draws no frames; it must still take in what comes.
      if (document.hidden) flush();
      else frame ??= requestAnimationFrame(flush);
  }
}

/** The stream says who by id; the breach itself says the name. */
async function learnName(breach: string): Promise<void> {
  const known = useLive.getState().wall?.breaches.find((one) => one.id === breach);
  if (known === undefined || known.acknowledged_by_name !== null) return;
  const answer = await fetchBreach(breach);
  if (answer.ok) putBreach(answer.value);
}

function takeSnapshot(wall: Wall): void {
  waiting.length = 0;
  const samples = withTick(useLive.getState().samples, Date.parse(wall.now), Date.now());
  skew = skewOf(samples);
  const before = useLive.getState().wall;
  useLive.setState({ wall: fromSnapshot(wall, before), samples, asOf: serverNow() });
}

let current: { readonly site: string; readonly connection: LiveConnection } | null = null;
let paused: string | null = null;

/** Follows a site until another is asked for or `stopLive`; the same again changes nothing. */
export function followSite(site: string): void {
  if (current?.site === site) return;
  current?.connection.stop();
  if (useLive.getState().wall?.site.id !== site) forgetWall();
  start(site);
}

function start(site: string): void {
  paused = null;
  const connection = new LiveConnection(site, ports, {
    onSnapshot: takeSnapshot,
    onEvent: take,
    onLink: (link) => useLive.setState({ link }),
  });
  current = { site, connection };
  void connection.run();
}

function forgetWall(): void {
  waiting.length = 0;
  useLive.setState(BEGIN);
}

export function stopLive(): void {
  current?.connection.stop();
  current = null;
  paused = null;
  forgetWall();
}

/** A hidden tab stops listening and keeps what it shows; `resumeLive` goes on. */
export function pauseLive(): void {
  if (current === null) return;
  paused = current.site;
  current.connection.stop();
  current = null;
}

export function resumeLive(): void {
  if (paused !== null) start(paused);
}

export function hurryLive(): void {
  current?.connection.hurry();
}

export function failureOfLink(link: Link): Failure | null {
  return link.kind === "lost" ? link.failure : null;
}
