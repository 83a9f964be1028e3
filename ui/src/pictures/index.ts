export { aspectOf, BreachOverlay, type DrawnCamera } from "./breach-overlay.tsx";
export { Enlarged } from "./Enlarged.tsx";
export type { PictureState } from "./freshness.ts";
export { Picture, usePicture } from "./Picture.tsx";
export { PictureView } from "./PictureView.tsx";
export type { PictureSource } from "./source.ts";
export { useStills, type Still } from "./stills.ts";
