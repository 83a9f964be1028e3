/**
 * Where a picture that an image element shows comes from. A live view (WHEP) is a video's business:
 * `useLiveView` and `LiveVideo`.
 */
import { videoUrl } from "../api/index.ts";

export type PictureSource =
  | { readonly kind: "still"; readonly url: string; readonly capturedAt: number }
  | { readonly kind: "mjpeg"; readonly url: string };

/** For one enlarged camera only: beside the event stream, several would use up the browser's six
 * connections and an acknowledgement would hang. */
export function videoSource(camera: string): PictureSource {
  return { kind: "mjpeg", url: videoUrl(camera) };
}
