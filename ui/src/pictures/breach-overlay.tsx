import type { Breach } from "../api/index.ts";
import { pointOf, type Point } from "./geometry.ts";
import { Overlay } from "./Overlay.tsx";

/** What of a camera an overlay needs: the wall's and the record's camera both have it. */
export interface DrawnCamera {
  readonly width: number | null;
  readonly height: number | null;
  readonly lines: readonly {
    readonly id: string;
    readonly a: readonly number[];
    readonly b: readonly number[];
  }[];
  readonly areas: readonly { readonly id: string; readonly polygon?: readonly (readonly number[])[] }[];
}

export function aspectOf(camera: DrawnCamera): number {
  const { width, height } = camera;
  return width !== null && height !== null && height > 0 ? width / height : 16 / 9;
}

/** The line or area a breach is about, and the trail that led to it, over its camera's picture. */
export function BreachOverlay({
  breach,
  camera,
  full,
  until = Infinity,
}: {
  readonly breach: Breach;
  readonly camera: DrawnCamera;
  readonly full: boolean;
  /** The trail as far as it led by then; ms. Left out: all of it. */
  readonly until?: number;
}) {
  const line = camera.lines.find((one) => one.id === breach.line);
  const area = camera.areas.find((one) => one.id === breach.area)?.polygon;
  const path: readonly Point[] = breach.why?.path.flatMap(({ at, x, y }) => (Date.parse(at) <= until ? [[x, y] as const] : [])) ?? [];
  return (
    <Overlay
      line={line === undefined ? null : { a: pointOf(line.a), b: pointOf(line.b) }}
      area={area === undefined ? null : area.map(pointOf)}
      path={path}
      aspect={aspectOf(camera)}
      full={full}
    />
  );
}
