/** Live views (WHEP): session descriptions go as text, so they do not pass the generated client. */
import { API, http, result, tellSignedOut } from "./client.ts";
import { failureOf, failureOfThrown, type Result } from "./result.ts";
import type { ClearView, IceServer } from "./types.ts";

/** A server that gathers its candidates behind a slow STUN server takes its time. */
const OPEN_MS = 9000;

export interface OpenedView {
  readonly answer: string;
  /** For leaving. */
  readonly location: string;
}

export const fetchIceServers = (): Promise<Result<readonly RTCIceServer[]>> =>
  result(async (signal) => {
    const { data, error, response } = await http.GET("/api/v1/ice-servers", { signal });
    return data === undefined ? { error, response } : { data: data.ice_servers.map(iceServer), response };
  });

/** As the server tells it, for the browser. */
export function iceServer(told: IceServer): RTCIceServer {
  const urls = [...told.urls];
  const { username, credential } = told;
  return username === null || credential === null ? { urls } : { urls, username, credential };
}

/** Leave to see one view of a camera without its blur; the reason goes into the record. */
export const askClearView = (camera: string, reason: string): Promise<Result<ClearView>> =>
  result((signal) =>
    http.POST("/api/v1/cameras/{camera_id}/clear-views", {
      params: { path: { camera_id: camera } },
      body: { reason },
      signal,
    }),
  );

export async function openView(
  camera: string,
  offer: string,
  grant: string | null,
  signal: AbortSignal,
): Promise<Result<OpenedView>> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]);
  const headers = { "Content-Type": "application/sdp", ...(grant === null ? {} : { "Wardwatch-Grant": grant }) };
  try {
    const url = `${API}/cameras/${encodeURIComponent(camera)}/whep`;
    const response = await fetch(url, { method: "POST", headers, body: offer, signal: both });
    const text = await response.text();
    if (response.ok) {
      return { ok: true, value: { answer: text, location: response.headers.get("Location") ?? "" } };
    }
    const failure = failureOf(response.status, parsed(text));
    if (failure.kind === "not_signed_in") tellSignedOut();
    return { ok: false, failure };
  } catch (error) {
    return { ok: false, failure: failureOfThrown(error) };
  }
}

/** Leaves a view; also while the page goes away. Whether it arrives does not matter: the server
 * notices a viewer that is gone. */
export function closeView(location: string): void {
  if (location.startsWith(`${API}/`)) {
    fetch(location, { method: "DELETE", keepalive: true }).catch(() => undefined);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
