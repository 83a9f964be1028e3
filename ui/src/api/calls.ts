/** The calls of this page, one a line, by what they are for. */
import { API, done, http, result, tellSignedOut } from "./client.ts";
import { failureOf, failureOfThrown, type Result } from "./result.ts";
import type { Breach, BreachState, Camera, CameraUnwatched, DismissReason, Kind, Me, Outcome, Wall } from "./types.ts";

export interface BreachFilter {
  readonly unit?: string;
  readonly site?: string;
  readonly camera?: string;
  readonly kind?: Kind;
  readonly state?: BreachState;
  readonly from?: string;
  readonly to?: string;
}

export interface BreachPage {
  readonly items: readonly Breach[];
  readonly next: string | null;
}

const at = (breach_id: string) => ({ params: { path: { breach_id } } });

export const signIn = (username: string, password: string): Promise<Result<null>> =>
  done((signal) => http.POST("/api/v1/session", { body: { username, password }, signal }));

export const signOut = (): Promise<Result<null>> =>
  done((signal) => http.DELETE("/api/v1/session", { signal }));

export const fetchMe = (signal?: AbortSignal): Promise<Result<Me>> =>
  result((both) => http.GET("/api/v1/me", { signal: both }), signal);

export const fetchWall = (site: string, signal?: AbortSignal): Promise<Result<Wall>> =>
  result((both) => http.GET("/api/v1/wall", { params: { query: { site } }, signal: both }), signal);

export const fetchBreach = (id: string, signal?: AbortSignal): Promise<Result<Breach>> =>
  result((both) => http.GET("/api/v1/breaches/{breach_id}", { ...at(id), signal: both }), signal);

export const fetchBreaches = (
  filter: BreachFilter,
  page: { readonly limit: number; readonly cursor: string | null },
  signal?: AbortSignal,
): Promise<Result<BreachPage>> =>
  result(async (both) => {
    const { state, ...rest } = filter;
    const query = {
      ...rest,
      ...(state === undefined ? {} : { state: [state] }),
      limit: page.limit,
      ...(page.cursor === null ? {} : { cursor: page.cursor }),
    };
    const answer = await http.GET("/api/v1/breaches", { params: { query }, signal: both });
    // The same address also answers CSV, as text, to those who ask for it.
    const { data, error, response } = answer;
    return typeof data === "object" ? { data, response } : { error, response };
  }, signal);

export const fetchCamera = (id: string, signal?: AbortSignal): Promise<Result<Camera>> =>
  result(
    (both) =>
      http.GET("/api/v1/cameras/{camera_id}", { params: { path: { camera_id: id } }, signal: both }),
    signal,
  );

/** Of the last day. */
export const fetchUnwatched = (id: string, signal?: AbortSignal): Promise<Result<CameraUnwatched>> =>
  result(
    (both) =>
      http.GET("/api/v1/cameras/{camera_id}/unwatched", {
        params: { path: { camera_id: id } },
        signal: both,
      }),
    signal,
  );

export const acknowledge = (id: string): Promise<Result<Breach>> =>
  result((signal) => http.POST("/api/v1/breaches/{breach_id}/acknowledge", { ...at(id), signal }));

export const resolve = (id: string, outcome: Outcome, note: string): Promise<Result<Breach>> =>
  result((signal) =>
    http.POST("/api/v1/breaches/{breach_id}/resolve", { ...at(id), body: { outcome, note }, signal }),
  );

export const dismiss = (id: string, reason: DismissReason, note: string): Promise<Result<Breach>> =>
  result((signal) =>
    http.POST("/api/v1/breaches/{breach_id}/dismiss", { ...at(id), body: { reason, note }, signal }),
  );

export const comment = (id: string, text: string): Promise<Result<Breach>> =>
  result((signal) =>
    http.POST("/api/v1/breaches/{breach_id}/comments", { ...at(id), body: { text }, signal }),
  );

/** The history as CSV: the same address, another `Accept`. */
export async function fetchBreachesCsv(filter: BreachFilter): Promise<Result<Blob>> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (typeof value === "string") query.set(name, value);
  }
  try {
    const response = await fetch(`${API}/breaches?${query}`, { headers: { Accept: "text/csv" } });
    if (response.ok) return { ok: true, value: await response.blob() };
    const failure = failureOf(response.status, await response.json().catch(() => null));
    if (failure.kind === "not_signed_in") tellSignedOut();
    return { ok: false, failure };
  } catch (error) {
    return { ok: false, failure: failureOfThrown(error) };
  }
}

export interface Snapshot {
  readonly picture: Blob;
  /** When the camera took it, by the server's clock; ms since 1970. */
  readonly capturedAt: number;
  /** Nobody has looked for people in it yet: it is hidden whole. */
  readonly unlooked: boolean;
}

/** The newest still of a camera, people unreadable. A still that does not say its time is refused. */
export async function fetchSnapshot(
  camera: string,
  width: number,
  signal: AbortSignal,
): Promise<Result<Snapshot>> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(4000)]);
  try {
    const url = `${API}/cameras/${encodeURIComponent(camera)}/snapshot.jpg?width=${width}`;
    const response = await fetch(url, { cache: "no-store", signal: both });
    if (!response.ok) {
      void response.body?.cancel();
      const failure = failureOf(response.status, null);
      if (failure.kind === "not_signed_in") tellSignedOut();
      return { ok: false, failure };
    }
    const capturedAt = Date.parse(response.headers.get("X-Captured-At") ?? "");
    const unlooked = response.headers.get("X-Unlooked") === "true";
    const picture = await response.blob();
    if (Number.isNaN(capturedAt)) {
      return { ok: false, failure: { kind: "other", detail: "X-Captured-At", status: 200 } };
    }
    return { ok: true, value: { picture, capturedAt, unlooked } };
  } catch (error) {
    return { ok: false, failure: failureOfThrown(error) };
  }
}

export const videoUrl = (camera: string): string =>
  `${API}/cameras/${encodeURIComponent(camera)}/live.mjpeg?width=1280`;

export const streamUrl = (site: string): string =>
  `${API}/events/stream?site=${encodeURIComponent(site)}`;
