/** Publishing: an installer's pairing codes, and what a phone says with a camera's own token. */
import { API, http, result } from "./client.ts";
import { iceServer } from "./live.ts";
import { failureOf, type Result } from "./result.ts";
import type { IceServer, Paired, PairingMade } from "./types.ts";

const SDP = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";
const TIMEOUT_MS = 10_000;

export const pairCamera = (camera_id: string): Promise<Result<PairingMade>> =>
  result((signal) =>
    http.POST("/api/v1/cameras/{camera_id}/pairings", { params: { path: { camera_id } }, signal }),
  );

export const redeemPairing = (code: string): Promise<Result<Paired>> =>
  result((signal) => http.POST("/api/v1/pairings/redeem", { body: { code }, signal }));

/** Null: it was not told; what is the matter then, the offer will say. */
export async function fetchPublisherIceServers(
  camera: string,
  token: string,
  signal: AbortSignal,
): Promise<readonly RTCIceServer[] | null> {
  const path = `${API}/cameras/${encodeURIComponent(camera)}/publisher-ice-servers`;
  try {
    const response = await send("GET", path, token, signal);
    if (!response.ok) return null;
    const { ice_servers } = (await response.json()) as { readonly ice_servers: readonly IceServer[] };
    return ice_servers.map(iceServer);
  } catch {
    return null;
  }
}

/** Where a publication is, and the tag of its ICE session. */
export interface Published {
  readonly answer: string;
  readonly location: string;
  readonly etag: string;
}

export type PublishRefusal =
  /** No answer: the network is gone, or the server is. */
  | { readonly kind: "offline" }
  /** The token holds no longer. */
  | { readonly kind: "token" }
  /** Another device publishes this camera's picture. */
  | { readonly kind: "taken" }
  /** The server cannot take it just now. */
  | { readonly kind: "busy" }
  | { readonly kind: "other"; readonly detail: string };

export type Offered =
  | { readonly ok: true; readonly value: Published }
  | { readonly ok: false; readonly refusal: PublishRefusal };

/** Not by the generated client: the bodies are SDP, and a 401 here is not the session's. */
export async function offerPicture(
  path: string,
  token: string,
  offer: string,
  signal: AbortSignal,
): Promise<Offered> {
  try {
    const response = await send("POST", path, token, signal, { "Content-Type": SDP, Accept: SDP }, offer);
    if (response.status === 201) {
      const location = response.headers.get("Location") ?? "";
      const etag = response.headers.get("ETag") ?? "";
      return { ok: true, value: { answer: await response.text(), location, etag } };
    }
    return { ok: false, refusal: refusalOf(response.status, await response.json().catch(() => null)) };
  } catch {
    return { ok: false, refusal: { kind: "offline" } };
  }
}

/** Candidates found since; one that does not arrive is found by the server's own checks. */
export function sendCandidates(one: Published, token: string, fragment: string): void {
  const headers = { "Content-Type": FRAGMENT, "If-Match": one.etag };
  void send("PATCH", one.location, token, null, headers, fragment).catch(() => null);
}

/** Also while the page is being closed. */
export function endPublication(one: Published, token: string): void {
  const headers = { Authorization: `Bearer ${token}` };
  void fetch(one.location, { method: "DELETE", headers, keepalive: true }).catch(() => null);
}

function send(
  method: string,
  path: string,
  token: string,
  signal: AbortSignal | null,
  headers: Record<string, string> = {},
  body: string | null = null,
): Promise<Response> {
  const late = AbortSignal.timeout(TIMEOUT_MS);
  return fetch(path, {
    method,
    headers: { ...headers, Authorization: `Bearer ${token}` },
    body,
    cache: "no-store",
    signal: signal === null ? late : AbortSignal.any([signal, late]),
  });
}

function refusalOf(status: number, body: unknown): PublishRefusal {
  if (status === 401) return { kind: "token" };
  if (status === 409) return { kind: "taken" };
  if (status === 429 || status >= 500) return { kind: "busy" };
  const failure = failureOf(status, body);
  const detail = failure.kind === "invalid" || failure.kind === "other" ? failure.detail : "";
  return { kind: "other", detail };
}
