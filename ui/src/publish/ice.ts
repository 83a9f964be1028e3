/**
 * STUN and TURN servers for a publication. They come with the pairing and are asked for again before
 * each later try, since a phone stays for weeks; they are kept in memory only, for they hold a password.
 */
import { fetchPublisherIceServers, iceServer, type IceServer } from "../api/index.ts";

interface Known {
  readonly camera: string;
  readonly servers: readonly RTCIceServer[];
  /** Just told, and not used yet. */
  readonly fresh: boolean;
}

let known: Known | null = null;

export function learnIceServers(camera: string, told: readonly IceServer[]): void {
  known = { camera, servers: told.map(iceServer), fresh: true };
}

/** Where it is not told now, what was told last. */
export async function iceServersFor(
  camera: string,
  token: string,
  signal: AbortSignal,
): Promise<readonly RTCIceServer[]> {
  const before = known?.camera === camera ? known : null;
  const told = before?.fresh ? before.servers : await fetchPublisherIceServers(camera, token, signal);
  const servers = told ?? before?.servers ?? [];
  known = { camera, servers, fresh: false };
  return servers;
}
