import { EyeOff, Pause, Play } from "lucide-react";
import { useEffect, useRef, useState, type CSSProperties, type RefObject } from "react";
import { evidenceUrl, type Breach, type Evidence } from "../api/index.ts";
import { useKeys } from "../keys/index.ts";
import { Button, IconButton, Kbd } from "../parts/index.ts";
import { BreachOverlay, type DrawnCamera } from "../pictures/index.ts";
import pictureCss from "../pictures/pictures.module.css";
import { clock, clockTenths } from "../time/index.ts";
import { m } from "../words/index.ts";
import { lengthMs, momentOf } from "./evidence.ts";
import css from "./page.module.css";

/** Until two frames have been seen, so much lies between them; s. */
const FRAME_S = 0.1;
/** The moment is shown with what led to it; s. */
const LEAD_S = 1;

/**
 * A breach's clip: line and trail over it, the trail growing with what is shown. It is played by our
 * own controls: the browser's would lie over the feet of who crosses the line.
 */
export function ClipPlayer({
  clip,
  breach,
  camera,
  poster,
  zone,
}: {
  readonly clip: Evidence;
  readonly breach: Breach;
  readonly camera: DrawnCamera | undefined;
  readonly poster: Evidence | null;
  readonly zone: string;
}) {
  const { video, at, length, playing, begun, toggle, seek, step } = usePlayer(lengthMs(clip) / 1000);
  useKeys({ play: toggle, frame_back: () => step(-1), frame_on: () => step(1) });
  const begins = Date.parse(clip.begins_at);
  const moment = momentOf(clip);
  const time = clock(begins + clip.offset_ms, zone);
  const before = poster === null ? {} : { poster: evidenceUrl(poster.id) };
  const shown = begins + at * 1000;
  return (
    <>
      <span className={pictureCss.frame} style={{ aspectRatio: `${clip.width ?? 16} / ${clip.height ?? 9}` }}>
        {/* oxlint-disable-next-line jsx-a11y/media-has-caption -- cameras record no sound */}
        <video
          ref={video}
          className={css.clip}
          src={evidenceUrl(clip.id)}
          {...before}
          muted
          playsInline
          disablePictureInPicture
          preload="metadata"
          aria-label={m.clip_alt({ time })}
          onClick={toggle}
          data-evidence="clip"
        />
        {camera !== undefined && (
          <BreachOverlay breach={breach} camera={camera} full {...(begun ? { until: shown } : {})} />
        )}
        <span className={pictureCss.caption}>
          <EyeOff size={16} aria-hidden="true" />
          <span>{begun || poster === null ? m.clip_at({ time: clock(shown, zone) }) : posterWords(poster, zone)}</span>
        </span>
      </span>
      <div className={css.player}>
        <IconButton label={playing ? m.clip_pause() : m.clip_play()} onClick={toggle}>
          {playing ? <Pause size={24} /> : <Play size={24} />}
        </IconButton>
        <span className={css.playerTime}>{clockTenths(at * 1000)}</span>
        <span className={css.seek} style={{ "--at": at / length, "--moment": moment } as CSSProperties}>
          <input
            type="range"
            min={0}
            max={length}
            step={0.1}
            value={at}
            aria-label={m.clip_seek()}
            aria-valuetext={clock(shown, zone)}
            onChange={(event) => seek(Number(event.target.value))}
          />
        </span>
        <span className={css.playerTime}>{clockTenths(length * 1000)}</span>
        <span className={css.frames}>
          <Kbd>,</Kbd> <Kbd>.</Kbd> {m.clip_frames()}
        </span>
        <Button size="small" onClick={() => seek((moment * lengthMs(clip)) / 1000 - LEAD_S)}>
          {m.clip_moment({ time })}
        </Button>
      </div>
    </>
  );
}

const posterWords = (poster: Evidence, zone: string): string =>
  m.snapshot_of({ time: clock(Date.parse(poster.begins_at), zone) });

interface Player {
  readonly video: RefObject<HTMLVideoElement | null>;
  /** Where it stands, and its end; s. */
  readonly at: number;
  readonly length: number;
  readonly playing: boolean;
  /** Whether a picture of the clip is shown; before, it is the snapshot. */
  readonly begun: boolean;
  readonly toggle: () => void;
  readonly seek: (seconds: number) => void;
  readonly step: (by: 1 | -1) => void;
}

/** Follows each frame that is drawn: `timeupdate` comes four times a second only. */
function usePlayer(told: number): Player {
  const video = useRef<HTMLVideoElement>(null);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(Math.max(told, FRAME_S));
  const [playing, setPlaying] = useState(false);
  const [begun, setBegun] = useState(false);
  const between = useRef(Infinity);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    let last: number | null = null;
    const frame = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
      if (last !== null && mediaTime > last) between.current = Math.min(between.current, mediaTime - last);
      last = mediaTime;
      setAt(mediaTime);
      handle = element.requestVideoFrameCallback(frame);
    };
    let handle = element.requestVideoFrameCallback(frame);
    const known = (): void => {
      if (Number.isFinite(element.duration) && element.duration > 0) setLength(element.duration);
    };
    const state = (): void => {
      setPlaying(!element.paused);
      if (!element.paused) setBegun(true);
    };
    const sought = (): void => {
      last = null; // what lies between two frames is not how far was jumped
      setBegun(true);
    };
    const over = (): void => setAt(element.duration);
    const listened = { loadedmetadata: known, play: state, pause: state, seeking: sought, ended: over };
    for (const [name, listener] of Object.entries(listened)) element.addEventListener(name, listener);
    known();
    return () => {
      element.cancelVideoFrameCallback(handle);
      for (const [name, listener] of Object.entries(listened)) element.removeEventListener(name, listener);
    };
  }, []);
  const seek = (seconds: number): void => {
    const to = Math.min(length, Math.max(0, seconds));
    if (video.current !== null) video.current.currentTime = to;
    setAt(to);
  };
  return {
    video,
    at,
    length,
    playing,
    begun,
    seek,
    toggle: () => {
      const element = video.current;
      if (element === null) return;
      if (element.paused) void element.play().catch(() => undefined);
      else element.pause();
    },
    step: (by) => {
      video.current?.pause();
      const frame = Number.isFinite(between.current) ? between.current : FRAME_S;
      seek((video.current?.currentTime ?? at) + by * frame);
    },
  };
}
