/** Looking at a camera, and adding it. Its password goes out with these and never comes back. */
import { http, result } from "./client.ts";
import type { Result } from "./result.ts";
import type { Camera, CameraProbe, CameraToAdd } from "./types.ts";

/** A probe takes up to 20 s by itself. */
const PROBE_MS = 30_000;

/** An address with its credentials, or a camera that is there already. */
export type ToProbe =
  | { readonly url: string; readonly sub_url: string }
  | { readonly camera: string };

export const probeCamera = (wanted: ToProbe, signal: AbortSignal): Promise<Result<CameraProbe>> =>
  result(
    (both) =>
      http.POST("/api/v1/cameras/probe", {
        body: { sub_url: "", transport: "tcp", ...wanted },
        signal: both,
      }),
    signal,
    PROBE_MS,
  );

export const addCamera = (
  camera: Pick<CameraToAdd, "site" | "name" | "short_name" | "url" | "sub_url">,
): Promise<Result<Camera>> =>
  result((signal) => http.POST("/api/v1/cameras", { body: { ...camera, ...PLAIN }, signal }));

/** Lines, areas and rules are drawn once it is there. */
const PLAIN = {
  transport: "tcp",
  main_evidence: false,
  enabled: true,
  lines: [],
  areas: [],
  rules: [],
  masks: [],
} satisfies Partial<CameraToAdd>;
