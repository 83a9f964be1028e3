/**
 * Where a picture on the screen comes from. A live stream of its own (WHEP) will be a third member;
 * whoever draws a picture must then say what it does with it.
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
