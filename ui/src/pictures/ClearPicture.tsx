import { Eye, LoaderCircle } from "lucide-react";
import type { ClearView, Failure, WallCamera } from "../api/index.ts";
import { useNow } from "../live/index.ts";
import { Button } from "../parts/index.ts";
import { clockDuration } from "../time/index.ts";
import { m } from "../words/index.ts";
import { LiveVideo } from "./LiveVideo.tsx";
import css from "./pictures.module.css";
import { useClearView } from "./view.ts";

/** A camera without its blur, for who was given leave: the server draws their name over it and ends
 * it, whatever this page does. */
export function ClearPicture({
  camera,
  given,
  onEnd,
}: {
  readonly camera: WallCamera;
  readonly given: ClearView;
  /** `failure`: it did not open; null: it is over. */
  readonly onEnd: (failure: Failure | null) => void;
}) {
  const { view, onFrame, onStalled } = useClearView(camera.id, given.grant, onEnd);
  const left = Math.max(0, Date.parse(given.ends_at) - useNow());
  const shown = view.kind === "open" && view.shown;
  return (
    <>
      <span className={`${css.frame} ${css.clear}`} data-picture={shown ? "clear" : "opening"}>
        {view.kind === "open" && (
          <LiveVideo
            stream={view.stream}
            label={m.picture_clear_label({ name: camera.name })}
            onFrame={onFrame}
            onStalled={onStalled}
          />
        )}
        {!shown && (
          <span className={css.none}>
            <span className={`${css.box} ${css.plainBox}`}>
              <span className={css.boxTitle}>
                <LoaderCircle size={20} className={css.spin} aria-hidden="true" />
                {m.picture_connecting()}
              </span>
            </span>
          </span>
        )}
      </span>
      <p className={css.enlargedFoot}>
        <Eye size={16} aria-hidden="true" />
        <strong>{m.clear_caption({ left: clockDuration(left) })}</strong>
        <span>{m.clear_named({ name: given.name })}</span>
        <span className={css.footEnd}>
          <Button size="small" onClick={() => onEnd(null)}>
            {m.clear_close()}
          </Button>
        </span>
      </p>
    </>
  );
}
