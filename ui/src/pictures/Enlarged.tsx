import { EyeOff } from "lucide-react";
import { useState } from "react";
import type { WallCamera } from "../api/index.ts";
import { Dialog } from "../parts/index.ts";
import { clock } from "../time/index.ts";
import { m, peopleWord } from "../words/index.ts";
import { Picture, usePicture } from "./Picture.tsx";
import css from "./pictures.module.css";
import { PictureView } from "./PictureView.tsx";
import { videoSource } from "./source.ts";

const LARGE = { width: 1280, urgent: true } as const;

interface Props {
  readonly camera: WallCamera;
  readonly zone: string;
  readonly onClose: () => void;
}

/**
 * One camera, large. MJPEG moves, but says nothing of its age: an image element stays on its last
 * frame and looks alive. So the camera's stills, which carry their time, go on beside it, and the
 * moving picture is taken away as soon as they are too old.
 */
export function Enlarged({ camera, zone, onClose }: Props) {
  const { state, url } = usePicture(camera, LARGE);
  const [failed, setFailed] = useState(false);
  const name = camera.name;
  if (state.kind === "lost" && url !== null && state.last !== null) {
    const time = clock(state.last, zone);
    return (
      <Dialog title={name} wide onClose={onClose}>
        <span className={`${css.frame} ${css.old}`} data-picture="old">
          <img className={`${css.image} ${css.contain}`} src={url} alt={m.picture_old({ time })} />
          <span className={css.stamp}>
            <span>{m.picture_old({ time })}</span>
          </span>
        </span>
      </Dialog>
    );
  }
  const moving = state.kind === "shown" && !failed;
  return (
    <Dialog title={name} wide onClose={onClose}>
      {moving ? (
        <span className={css.frame} data-picture="video">
          <PictureView
            source={videoSource(camera.id)}
            alt={m.picture_alt({ name, time: clock(state.capturedAt, zone) })}
            onError={() => setFailed(true)}
          />
        </span>
      ) : (
        <Picture camera={camera} zone={zone} state={state} url={url} />
      )}
      <p className={css.enlargedFoot}>
        <EyeOff size={16} aria-hidden="true" />
        {state.kind === "shown" && (
          <span>
            {m.picture_live_caption()} · {clock(state.capturedAt, zone)}
          </span>
        )}
        <span>{peopleWord(camera.persons)}</span>
        {failed && <span>{m.picture_video_failed()}</span>}
      </p>
    </Dialog>
  );
}
