/**
 * One live view by WebRTC (WHEP). The server's answer has all of its candidates, and what this
 * browser gathers the server learns from its checks, so the offer goes out at once.
 */
import { closeView, fetchIceServers, openView, type Failure } from "../api/index.ts";

export type ViewEnd =
  /** The server did not open it. */
  | { readonly kind: "refused"; readonly failure: Failure }
  /** It was open: the server closed it, or the line is cut. */
  | { readonly kind: "lost" };

interface Handlers {
  readonly onStream: (stream: MediaStream) => void;
  /** Once, and not after the view was left from here. */
  readonly onEnd: (end: ViewEnd) => void;
}

/** Without a connection in this time something between us and the server lets no UDP through. */
const CONNECT_MS = 8000;

let known: Promise<readonly RTCIceServer[]> | null = null;

function iceServers(): Promise<readonly RTCIceServer[]> {
  known ??= fetchIceServers().then((answer) => {
    if (!answer.ok) known = null;
    return answer.ok ? answer.value : [];
  });
  return known;
}

/** Opens a view; the answer leaves it. */
export function watchLive(camera: string, grant: string | null, handlers: Handlers): () => void {
  const abort = new AbortController();
  let peer: RTCPeerConnection | null = null;
  let location = "";
  const leave = (): void => {
    abort.abort();
    peer?.close();
    if (location !== "") closeView(location);
    location = "";
    window.removeEventListener("pagehide", leave);
  };
  const end = (how: ViewEnd): void => {
    if (abort.signal.aborted) return;
    leave();
    handlers.onEnd(how);
  };
  window.addEventListener("pagehide", leave);

  const open = async (): Promise<void> => {
    const servers = await iceServers();
    if (abort.signal.aborted) return;
    peer = new RTCPeerConnection({ iceServers: [...servers], bundlePolicy: "max-bundle" });
    receive(peer, handlers.onStream, () => end({ kind: "lost" }));
    await peer.setLocalDescription(await peer.createOffer());
    const answer = await openView(camera, peer.localDescription?.sdp ?? "", grant, abort.signal);
    if (!answer.ok) return end({ kind: "refused", failure: answer.failure });
    location = answer.value.location;
    if (abort.signal.aborted) return leave();
    await peer.setRemoteDescription({ type: "answer", sdp: answer.value.answer });
  };
  open().catch(() => end({ kind: "lost" }));
  return leave;
}

function receive(peer: RTCPeerConnection, onStream: (stream: MediaStream) => void, onLost: () => void): void {
  const { receiver } = peer.addTransceiver("video", { direction: "recvonly" });
  // As little delay as the line allows: what is shown is what is happening.
  receiver.jitterBufferTarget = 0;
  peer.addEventListener("track", (event) => {
    // The server ends a view with an RTCP BYE before anything else is heard of it.
    event.track.addEventListener("ended", onLost);
    onStream(new MediaStream([event.track]));
  });
  const late = setTimeout(() => peer.connectionState !== "connected" && onLost(), CONNECT_MS);
  peer.addEventListener("connectionstatechange", () => {
    const state = peer.connectionState;
    if (state === "connected") clearTimeout(late);
    if (state === "failed" || state === "closed" || state === "disconnected") onLost();
  });
}
