/** The phone's camera and its publication, for as long as `wanted`. */
import { useEffect, useRef, useState } from "react";
import { keepAwake } from "../wall/awake.ts";
import { after } from "./keep.ts";
import type { Facing, Pairing } from "./stored.ts";
import { publish, type Into, type PublicationEnd, type Sending } from "./whip.ts";

export type Publishing =
  | { readonly kind: "off" }
  /** The browser asks whether it may, or the camera starts. */
  | { readonly kind: "camera" }
  | { readonly kind: "no_camera"; readonly denied: boolean }
  | { readonly kind: "connecting" }
  | { readonly kind: "on"; readonly since: number; readonly sending: Sending | null }
  | { readonly kind: "again"; readonly at: number; readonly why: PublicationEnd }
  | { readonly kind: "paired_anew" };

const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 15, max: 30 } };

export function usePublishing(
  pairing: Pairing,
  wanted: boolean,
): { readonly state: Publishing; readonly stream: MediaStream | null } {
  const [state, setState] = useState<Publishing>({ kind: "camera" });
  const [stream, setStream] = useState<MediaStream | null>(null);
  const { token, path, camera, facing } = pairing;

  useEffect(() => {
    if (!wanted) return;
    const sleep = keepAwake();
    const stop = openCamera(facing, setStream, (denied) => setState({ kind: "no_camera", denied }));
    return () => {
      sleep();
      stop();
      setStream(null);
      setState({ kind: "camera" });
    };
  }, [wanted, facing]);

  const attempt = useRef(0);
  useEffect(() => {
    const track = stream?.getVideoTracks()[0];
    if (track === undefined) return;
    return keepPublishing({ path, token, camera }, track, attempt, setState);
  }, [stream, path, token, camera]);
  return { state: wanted ? state : { kind: "off" }, stream };
}

/** Opens the camera, and again when the system takes it away; the answer closes it. */
function openCamera(
  facing: Facing,
  onStream: (stream: MediaStream) => void,
  onNone: (denied: boolean) => void,
): () => void {
  let over = false;
  let current: MediaStream | null = null;
  const open = async (): Promise<void> => {
    try {
      const video = { ...PICTURE, facingMode: { ideal: facing } };
      const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      current = stream;
      if (over) return close();
      stream.getVideoTracks()[0]?.addEventListener("ended", () => void (over || open()));
      onStream(stream);
    } catch (error) {
      if (!over) onNone(error instanceof DOMException && error.name === "NotAllowedError");
    }
  };
  const close = (): void => current?.getTracks().forEach((track) => track.stop());
  void open();
  return () => {
    over = true;
    close();
  };
}

/** Publishes, and again after every end that is not for good; the answer ends it. */
function keepPublishing(
  into: Into,
  track: MediaStreamTrack,
  attempt: { current: number },
  tell: (state: Publishing) => void,
): () => void {
  let leave = (): void => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  const begin = (): void => {
    clearTimeout(timer);
    timer = undefined;
    tell({ kind: "connecting" });
    leave = publish(into, track, {
      onConnected: () => {
        attempt.current = 0;
        since = Date.now();
        tell({ kind: "on", since, sending: null });
      },
      onSending: (sending) => since > 0 && tell({ kind: "on", since, sending }),
      onEnd: (why) => {
        since = 0;
        const next = after(why, attempt.current, Math.random());
        attempt.current += 1;
        if (next.kind === "paired_anew") return tell(next);
        tell({ kind: "again", at: Date.now() + next.inMs, why });
        timer = setTimeout(begin, next.inMs);
      },
    });
  };
  // The network is back, or the page is: no reason to wait any longer.
  const hurry = (): void => {
    if (timer !== undefined && !document.hidden) begin();
  };
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  begin();
  return () => {
    window.removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    clearTimeout(timer);
    leave();
  };
}
