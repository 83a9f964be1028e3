import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { failureWords, type ClearView, type WallCamera } from "../api/index.ts";
import { Button, Dialog } from "../parts/index.ts";
import { may, useMe } from "../session/index.ts";
import { clock } from "../time/index.ts";
import { m, peopleWord } from "../words/index.ts";
import { CameraFacts } from "./CameraFacts.tsx";
import { ClearDialog } from "./ClearDialog.tsx";
import { ClearPicture } from "./ClearPicture.tsx";
import { LiveVideo } from "./LiveVideo.tsx";
import { Picture, usePicture } from "./Picture.tsx";
import css from "./pictures.module.css";
import { PictureView } from "./PictureView.tsx";
import { videoSource } from "./source.ts";
import { useLiveView } from "./view.ts";

/** While stills are all there is they fill the dialog; beside a live view they only tell the time. */
const LARGE = { width: 1280, urgent: true } as const;
const BESIDE = { width: 320, urgent: true } as const;

interface Props {
  readonly camera: WallCamera;
  readonly zone: string;
  readonly onClose: () => void;
}

/** One camera, large: blurred for everybody; clear, for a while, to who gives a reason for it. */
export function Enlarged({ camera, zone, onClose }: Props) {
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const [clear, setClear] = useState<ClearView | null>(null);
  const [ended, setEnded] = useState<string | null>(null);
  const unblur = may(me, "open_clear") && (camera.state === "online" || camera.state === "degraded");
  return (
    <Dialog title={camera.name} wide onClose={onClose}>
      {clear === null ? (
        <Blurred camera={camera} zone={zone} ended={ended}>
          {unblur && (
            <Button size="small" icon={<Eye size={16} />} onClick={() => setAsking(true)}>
              {m.clear_open()}
            </Button>
          )}
        </Blurred>
      ) : (
        <ClearPicture
          camera={camera}
          given={clear}
          onEnd={(failure) => {
            setClear(null);
            setEnded(failure === null ? m.clear_ended() : failureWords(failure).title);
          }}
        />
      )}
      <CameraFacts camera={camera} zone={zone} />
      {asking && (
        <ClearDialog
          camera={camera}
          name={me.name}
          onClose={() => setAsking(false)}
          onGiven={(given) => {
            setAsking(false);
            setEnded(null);
            setClear(given);
          }}
        />
      )}
    </Dialog>
  );
}

/**
 * The live view, and what is shown instead while there is none: MJPEG, then stills. Neither a video
 * nor an MJPEG says of itself how old it is. So the camera's stills, which carry their time, go on
 * beside it, and the moving picture is taken away as soon as they are too old.
 */
function Blurred({
  camera,
  zone,
  ended,
  children,
}: {
  readonly camera: WallCamera;
  readonly zone: string;
  readonly ended: string | null;
  readonly children: React.ReactNode;
}) {
  const [mjpegFailed, setMjpegFailed] = useState(false);
  const [live, setLive] = useState(false);
  const { state, url, unlooked } = usePicture(camera, live ? BESIDE : LARGE);
  const lost = state.kind === "lost" || state.kind === "disabled";
  const { view, onFrame, onStalled } = useLiveView(camera.id, !lost);
  const shown = view.kind === "open" && view.shown;
  if (shown !== live) setLive(shown);
  const name = camera.name;
  if (state.kind === "lost" && url !== null && state.last !== null) {
    const time = clock(state.last, zone);
    return (
      <span className={`${css.frame} ${css.old}`} data-picture="old">
        <img className={`${css.image} ${css.contain}`} src={url} alt={m.picture_old({ time })} />
        <span className={css.stamp}>
          <span>{m.picture_old({ time })}</span>
        </span>
      </span>
    );
  }
  const mjpeg = view.kind === "failed" && state.kind === "shown" && !mjpegFailed;
  return (
    <>
      <span className={css.layers}>
        {!shown && !mjpeg && <Picture camera={camera} zone={zone} state={state} url={url} />}
        {mjpeg && (
          <span className={css.frame} data-picture="video">
            <PictureView
              source={videoSource(camera.id)}
              alt={m.picture_alt({ name, time: clock(state.capturedAt, zone) })}
              onError={() => setMjpegFailed(true)}
            />
          </span>
        )}
        {view.kind === "open" && !lost && (
          <span className={`${css.frame} ${shown ? "" : css.waiting}`} data-picture={shown ? "live" : "opening"}>
            <LiveVideo
              stream={view.stream}
              label={m.picture_live_label({ name })}
              onFrame={onFrame}
              onStalled={onStalled}
            />
          </span>
        )}
      </span>
      <p className={css.enlargedFoot}>
        {state.kind === "shown" && (
          <>
            <EyeOff size={16} aria-hidden="true" />
            <span>
              {unlooked ? m.picture_unlooked() : m.picture_live_caption()} · {clock(state.capturedAt, zone)}
            </span>
          </>
        )}
        <span>{peopleWord(camera.persons)}</span>
        {view.kind === "failed" && (
          <span>{mjpegFailed ? m.picture_video_failed() : m.picture_live_failed()}</span>
        )}
        {ended !== null && <span role="status">{ended}</span>}
        <span className={css.footEnd}>{children}</span>
      </p>
    </>
  );
}
