import css from "./pictures.module.css";
import type { PictureSource } from "./source.ts";

/** Draws a source, whichever it is. */
export function PictureView({
  source,
  alt,
  onError,
}: {
  readonly source: PictureSource;
  readonly alt: string;
  readonly onError?: () => void;
}) {
  switch (source.kind) {
    case "still":
      return <img className={css.image} src={source.url} alt={alt} data-captured={source.capturedAt} />;
    case "mjpeg":
      return <img className={`${css.image} ${css.contain}`} src={source.url} alt={alt} onError={onError} />;
  }
}
