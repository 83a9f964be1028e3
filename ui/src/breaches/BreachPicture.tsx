import { useQuery } from "@tanstack/react-query";
import { EyeOff, VideoOff } from "lucide-react";
import type { Breach, WallCamera } from "../api/index.ts";
import { useLive } from "../live/index.ts";
import { aspectOf, BreachOverlay, Picture, usePicture, type DrawnCamera } from "../pictures/index.ts";
import { clock } from "../time/index.ts";
import { m } from "../words/index.ts";
import css from "./page.module.css";
import pictureCss from "../pictures/pictures.module.css";
import { cameraQuery } from "./queries.ts";

/**
 * The place, as its camera sees it now, under the line and the trail of the breach's own time.
 * The caption keeps the two apart: nobody may take the live picture for what happened.
 */
export function BreachPicture({
  breach,
  zone,
  told,
}: {
  readonly breach: Breach;
  readonly zone: string;
  /** What became of its clip, if that is known. */
  readonly told?: string;
}) {
  const onWall = useLive((live) => live.wall?.cameras.find((one) => one.id === breach.camera));
  const query = useQuery(cameraQuery(breach.camera));
  const drawn = query.data;
  const camera = onWall ?? (drawn === undefined ? undefined : { ...drawn, ...NO_COUNTS, areas: [] });
  if (breach.camera === null || (camera === undefined && query.isError)) return <NoCamera />;
  return (
    <figure className={css.pictureBox}>
      {camera === undefined ? (
        <span className={pictureCss.frame} aria-busy="true" />
      ) : (
        <LivePicture breach={breach} camera={camera} drawn={drawn ?? camera} zone={zone} />
      )}
      <figcaption className={css.pictureFoot}>
        <span>{told === undefined ? m.breach_no_clip() : `${told} ${m.breach_picture_now()}`}</span>
        {breach.line !== null && breach.why !== null && (
          <span>
            {m.breach_legend_crossing()} · {m.breach_legend_foot()}
          </span>
        )}
        {breach.why !== null && breach.why.reason === null && (
          <span>{m.breach_confidence({ share: Math.round(breach.why.confidence * 100) })}</span>
        )}
      </figcaption>
    </figure>
  );
}

const NO_COUNTS = { persons: null, counts_at: null } as const;

function LivePicture({
  breach,
  camera,
  drawn,
  zone,
}: {
  readonly breach: Breach;
  readonly camera: WallCamera;
  readonly drawn: DrawnCamera;
  readonly zone: string;
}) {
  const { state, url } = usePicture(camera, { width: 960, urgent: true });
  const trail = breach.why?.path.at(-1)?.at ?? breach.opened_at;
  return (
    <Picture camera={camera} zone={zone} state={state} url={url} aspect={aspectOf(drawn)}>
      <BreachOverlay breach={breach} camera={drawn} full />
      {state.kind === "shown" && (
        <span className={pictureCss.caption}>
          <EyeOff size={16} aria-hidden="true" />
          <span>
            {m.breach_picture_live({ time: clock(state.capturedAt, zone) })} ·{" "}
            {m.breach_trail_of({ time: clock(Date.parse(trail), zone) })}
          </span>
        </span>
      )}
    </Picture>
  );
}

function NoCamera() {
  return (
    <figure className={css.pictureBox}>
      <span className={pictureCss.frame}>
        <span className={pictureCss.none}>
          <span className={pictureCss.boxTitle}>
            <VideoOff size={20} aria-hidden="true" />
            {m.breach_no_picture()}
          </span>
        </span>
      </span>
    </figure>
  );
}
