import { LoaderCircle, VideoOff } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import type { WallCamera } from "../api/index.ts";
import { useNow } from "../live/index.ts";
import { clock, clockDuration } from "../time/index.ts";
import { cameraMendWord, cameraReasonWord, m } from "../words/index.ts";
import { pictureState, type PictureState } from "./freshness.ts";
import css from "./pictures.module.css";
import { PictureView } from "./PictureView.tsx";
import { useStills, watchStill, type Wish } from "./stills.ts";

const timeOf = (text: string | null): number | null => (text === null ? null : Date.parse(text));

/** Whether the camera's picture may be shown now; renewed once a second. Keeps its still fresh. */
export function usePicture(
  camera: WallCamera,
  wish: Wish,
): { readonly state: PictureState; readonly url: string | null; readonly unlooked: boolean } {
  const now = useNow();
  const still = useStills((stills) => stills[camera.id]);
  const { width, urgent } = wish;
  const watched = camera.state !== "disabled";
  useEffect(
    () => (watched ? watchStill(camera.id, { width, urgent }) : undefined),
    [camera.id, width, urgent, watched],
  );
  const state = pictureState({
    state: camera.state,
    since: timeOf(camera.since),
    stillAt: still?.capturedAt ?? null,
    frameAt: timeOf(camera.frame_at),
    now: Math.max(now, still?.capturedAt ?? 0),
  });
  const unlooked = state.kind === "shown" && still?.unlooked === true;
  return { state, url: still?.url ?? null, unlooked };
}

interface Props {
  readonly camera: WallCamera;
  readonly zone: string;
  readonly state: PictureState;
  readonly url: string | null;
  /** Width over height of the frame on the screen; without it 16:9, as on the wall. */
  readonly aspect?: number;
  /** Drawn over the picture while there is one. */
  readonly children?: ReactNode;
}

/** A camera's picture, or the plain statement that there is none. Nothing else lies over it. */
export function Picture({ camera, zone, state, url, aspect, children }: Props) {
  const place = camera.short_name || camera.name;
  return (
    <span
      className={`${css.frame} ${css.small}`}
      style={aspect === undefined ? undefined : { aspectRatio: aspect }}
      data-picture={state.kind}
    >
      {state.kind === "shown" && url !== null ? (
        <>
          <PictureView
            source={{ kind: "still", url, capturedAt: state.capturedAt }}
            alt={m.picture_alt({ name: place, time: clock(state.capturedAt, zone) })}
          />
          {children}
        </>
      ) : (
        <NoPicture camera={camera} zone={zone} state={state} />
      )}
    </span>
  );
}

function NoPicture({
  camera,
  zone,
  state,
}: {
  readonly camera: WallCamera;
  readonly zone: string;
  readonly state: PictureState;
}) {
  if (state.kind === "lost") {
    const last = state.last === null ? m.picture_last_none() : m.picture_last({ time: clock(state.last, zone) });
    return (
      <span className={`${css.none} ${css.lost}`}>
        <span className={css.box}>
          <span className={css.boxTitle}>
            <VideoOff size={20} aria-hidden="true" />
            {m.picture_lost()} {clockDuration(state.for)}
          </span>
          <span className={css.boxNext}>{last}</span>
          {camera.reason !== null && (
            <span className={css.boxNext} title={cameraMendWord(camera.reason)}>
              {cameraReasonWord(camera.reason)}
            </span>
          )}
        </span>
      </span>
    );
  }
  const disabled = state.kind === "disabled";
  return (
    <span className={css.none}>
      <span className={`${css.box} ${css.plainBox}`}>
        <span className={css.boxTitle}>
          {disabled ? (
            <VideoOff size={20} aria-hidden="true" />
          ) : (
            <LoaderCircle size={20} className={css.spin} aria-hidden="true" />
          )}
          {disabled ? m.picture_disabled() : m.picture_connecting()}
          {state.kind === "connecting" && ` ${clockDuration(state.for)}`}
        </span>
        <span className={css.boxNext}>
          {disabled ? m.picture_disabled_why() : m.picture_connecting_why()}
        </span>
      </span>
    </span>
  );
}
