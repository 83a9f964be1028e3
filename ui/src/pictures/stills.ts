/**
 * The stills of the tiles that are on the screen: fetched in turn, two at a time, each held with
 * its capture time until a newer one comes. A still is only held here; whether it may be shown is
 * `pictureState`'s to say.
 */
import { create } from "zustand";
import { fetchSnapshot, type Snapshot } from "../api/index.ts";
import { nextStill, type Wanted } from "./schedule.ts";

export interface Still {
  readonly url: string;
  readonly capturedAt: number;
  /** Nobody has looked for people in it yet: it is hidden whole. */
  readonly unlooked: boolean;
}

export const useStills = create<Readonly<Record<string, Still>>>(() => ({}));

/** Why a still is kept fresh: how wide it is drawn, in pixels, and whether it goes first. */
export interface Wish {
  readonly width: number;
  readonly urgent: boolean;
}

interface Watched {
  readonly wishes: Set<Wish>;
  askedAt: number | null;
  inFlight: AbortController | null;
}

const watched = new Map<string, Watched>();
let timer: ReturnType<typeof setInterval> | null = null;

/** A new URL is shown before the old one is let go, so that the picture does not blink. */
const GRACE_MS = 2000;
/** A tile that comes back soon (another page and back) has its picture at once. */
const FORGET_MS = 60_000;

/** Keeps a camera's still fresh until the answer is called. */
export function watchStill(camera: string, wish: Wish): () => void {
  const entry: Watched = watched.get(camera) ?? { wishes: new Set(), askedAt: null, inFlight: null };
  watched.set(camera, entry);
  entry.wishes.add(wish);
  timer ??= setInterval(pump, 100);
  pump();
  return () => {
    entry.wishes.delete(wish);
    if (entry.wishes.size === 0) letGo(camera, entry);
  };
}

function letGo(camera: string, entry: Watched): void {
  entry.inFlight?.abort();
  watched.delete(camera);
  setTimeout(() => !watched.has(camera) && forget(camera), FORGET_MS);
  if (watched.size > 0 || timer === null) return;
  clearInterval(timer);
  timer = null;
}

function pump(): void {
  if (document.hidden) return;
  for (;;) {
    const wanted: Wanted[] = [...watched].map(([camera, entry]) => ({
      camera,
      urgent: [...entry.wishes].some((wish) => wish.urgent),
      askedAt: entry.askedAt,
      inFlight: entry.inFlight !== null,
    }));
    const camera = nextStill(wanted, performance.now());
    if (camera === null) return;
    void load(camera);
  }
}

async function load(camera: string): Promise<void> {
  const entry = watched.get(camera);
  if (entry === undefined) return;
  const abort = new AbortController();
  entry.inFlight = abort;
  entry.askedAt = performance.now();
  const width = Math.max(...[...entry.wishes].map((wish) => wish.width));
  const answer = await fetchSnapshot(camera, width, abort.signal);
  entry.inFlight = null;
  if (answer.ok) hold(camera, answer.value);
  pump();
}

function hold(camera: string, { picture, capturedAt, unlooked }: Snapshot): void {
  const before = useStills.getState()[camera];
  if (before !== undefined && before.capturedAt >= capturedAt) return;
  useStills.setState({ [camera]: { url: URL.createObjectURL(picture), capturedAt, unlooked } });
  if (before !== undefined) setTimeout(() => URL.revokeObjectURL(before.url), GRACE_MS);
}

function forget(camera: string): void {
  const { [camera]: gone, ...rest } = useStills.getState();
  if (gone === undefined) return;
  URL.revokeObjectURL(gone.url);
  useStills.setState(rest, true);
}
