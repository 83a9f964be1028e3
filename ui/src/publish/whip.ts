/** One publication by WHIP (RFC 9725): H.264 where this browser can, else VP8; no sound. */
import {
  endPublication,
  offerPicture,
  sendCandidates,
  type Published,
  type PublishRefusal,
} from "../api/index.ts";
import { iceServersFor } from "./ice.ts";

export type PublicationEnd =
  | { readonly kind: "refused"; readonly refusal: PublishRefusal }
  /** It was up, or nearly: the line is cut, or the server has closed it. */
  | { readonly kind: "lost" };

export interface Sending {
  /** Whether the server says that it receives; null: not heard yet. */
  readonly received: boolean | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly framesPerSecond: number | null;
}

interface Handlers {
  readonly onConnected: () => void;
  readonly onSending: (sending: Sending) => void;
  /** Once, and not after it was left from here. */
  readonly onEnd: (end: PublicationEnd) => void;
}

const CONNECT_MS = 10_000;
/** A line that is cut for less may come back by itself. */
const CUT_MS = 3000;
const STATS_MS = 2000;
/** Older receiver reports say nothing any more. */
const REPORT_MS = 6000;
/** The thin line of a site: a person at 20 m is still 60 pixels high at this rate. */
const MAX_BITRATE = 1_200_000;
const PREFERRED = ["video/h264", "video/vp8"];

/** Into which camera, and by what right. */
export interface Into {
  readonly path: string;
  readonly token: string;
  readonly camera: string;
}

/** Begins to publish; the answer ends it. */
export function publish(into: Into, track: MediaStreamTrack, on: Handlers): () => void {
  const { path, token, camera } = into;
  const abort = new AbortController();
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  let published: Published | null = null;
  const timers: ReturnType<typeof setTimeout>[] = [];
  const leave = (): void => {
    abort.abort();
    timers.forEach(clearTimeout);
    peer.close();
    if (published !== null) endPublication(published, token);
    published = null;
    window.removeEventListener("pagehide", leave);
  };
  const end = (how: PublicationEnd): void => {
    if (abort.signal.aborted) return;
    leave();
    on.onEnd(how);
  };
  window.addEventListener("pagehide", leave);
  const sender = addPicture(peer, track);
  followState(peer, sender, timers, on, () => end({ kind: "lost" }));
  const late: RTCIceCandidate[] = [];
  peer.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate === null || candidate.candidate === "") return;
    if (published === null) late.push(candidate);
    else sendCandidates(published, token, fragmentOf(peer, [candidate]));
  });

  const open = async (): Promise<void> => {
    const iceServers = await iceServersFor(camera, token, abort.signal);
    if (abort.signal.aborted) return;
    peer.setConfiguration({ ...peer.getConfiguration(), iceServers: [...iceServers] });
    await peer.setLocalDescription(await peer.createOffer());
    const answer = await offerPicture(path, token, peer.localDescription?.sdp ?? "", abort.signal);
    if (!answer.ok) return end({ kind: "refused", refusal: answer.refusal });
    if (abort.signal.aborted) return endPublication(answer.value, token);
    published = answer.value;
    await peer.setRemoteDescription({ type: "answer", sdp: answer.value.answer });
    if (late.length > 0) sendCandidates(published, token, fragmentOf(peer, late));
  };
  open().catch(() => end({ kind: "lost" }));
  return leave;
}

function addPicture(peer: RTCPeerConnection, track: MediaStreamTrack): RTCRtpSender {
  track.contentHint = "detail"; // people far away are worth more than smooth motion
  const transceiver = peer.addTransceiver(track, {
    direction: "sendonly",
    sendEncodings: [{ maxBitrate: MAX_BITRATE }],
  });
  const known = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const rank = (codec: RTCRtpCodec): number => PREFERRED.indexOf(codec.mimeType.toLowerCase());
  const wanted = known.filter((codec) => rank(codec) >= 0).toSorted((a, b) => rank(a) - rank(b));
  if (wanted.length > 0) transceiver.setCodecPreferences(wanted);
  return transceiver.sender;
}

function followState(
  peer: RTCPeerConnection,
  sender: RTCRtpSender,
  timers: ReturnType<typeof setTimeout>[],
  on: Handlers,
  onLost: () => void,
): void {
  timers.push(setTimeout(() => peer.connectionState !== "connected" && onLost(), CONNECT_MS));
  timers.push(setInterval(() => void report(sender).then(on.onSending), STATS_MS));
  peer.addEventListener("connectionstatechange", () => {
    if (peer.connectionState === "connected") on.onConnected();
    if (peer.connectionState === "failed" || peer.connectionState === "closed") onLost();
    if (peer.connectionState === "disconnected") {
      timers.push(setTimeout(() => peer.connectionState === "disconnected" && onLost(), CUT_MS));
    }
  });
  // The server ends a publication by closing DTLS, long before ICE would notice.
  const dtls = sender.transport;
  dtls?.addEventListener("statechange", () => {
    if (dtls.state === "closed" || dtls.state === "failed") onLost();
  });
}

async function report(sender: RTCRtpSender): Promise<Sending> {
  let width: number | null = null;
  let height: number | null = null;
  let framesPerSecond: number | null = null;
  let received: boolean | null = null;
  const stats: ReadonlyMap<string, Record<string, unknown>> = await sender.getStats();
  const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
  for (const one of stats.values()) {
    if (one["type"] === "outbound-rtp") {
      width = number(one["frameWidth"]);
      height = number(one["frameHeight"]);
      framesPerSecond = number(one["framesPerSecond"]);
    }
    if (one["type"] === "remote-inbound-rtp") {
      received = Date.now() - (number(one["timestamp"]) ?? 0) < REPORT_MS;
    }
  }
  return { received, width, height, framesPerSecond };
}

/** RFC 8840: the candidates, under the ICE session that they belong to. */
function fragmentOf(peer: RTCPeerConnection, candidates: readonly RTCIceCandidate[]): string {
  const sdp = peer.localDescription?.sdp ?? "";
  const line = (begin: string): string => sdp.split("\r\n").find((one) => one.startsWith(begin)) ?? "";
  const lines = [line("a=ice-ufrag:"), line("a=ice-pwd:"), line("m="), line("a=mid:")];
  lines.push(...candidates.map((one) => `a=${one.candidate}`));
  return lines.filter((one) => one !== "").join("\r\n") + "\r\n";
}
