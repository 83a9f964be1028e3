import { useEffect, useRef } from "react";
import css from "./pictures.module.css";
import { FRAME_MAX_AGE_MS } from "./retry.ts";

/** How often it is looked whether frames still come. */
const LOOK_MS = 500;

/**
 * Plays a live view. Only `requestVideoFrameCallback` tells that frames come: a connection that has
 * died goes on saying that it is connected, playing and unmuted.
 */
export function LiveVideo({
  stream,
  label,
  onFrame,
  onStalled,
}: {
  readonly stream: MediaStream;
  readonly label: string;
  /** The first frame is on the screen. */
  readonly onFrame: () => void;
  /** None came for five seconds. */
  readonly onStalled: () => void;
}) {
  const ref = useRef<HTMLVideoElement>(null);
  const told = useRef({ onFrame, onStalled });
  useEffect(() => {
    told.current = { onFrame, onStalled };
  });
  useEffect(() => {
    const video = ref.current;
    if (video === null) return;
    video.srcObject = stream;
    void video.play().catch(() => undefined);
    let seen = false;
    let newest = performance.now();
    let handle = 0;
    const frame = (): void => {
      newest = performance.now();
      if (!seen) told.current.onFrame();
      seen = true;
      handle = video.requestVideoFrameCallback(frame);
    };
    handle = video.requestVideoFrameCallback(frame);
    const timer = setInterval(() => {
      // A page that is not seen draws no frames, and shows none either.
      if (document.hidden) newest = performance.now();
      else if (performance.now() - newest > FRAME_MAX_AGE_MS) told.current.onStalled();
    }, LOOK_MS);
    return () => {
      video.cancelVideoFrameCallback(handle);
      clearInterval(timer);
      video.srcObject = null;
    };
  }, [stream]);
  return (
    <video
      ref={ref}
      className={`${css.image} ${css.contain}`}
      aria-label={label}
      muted
      playsInline
      disablePictureInPicture
    />
  );
}
