/** Where a breach happened, in words. */
import type { Breach } from "../api/index.ts";
import { m } from "../words/index.ts";

/** `Cổng chính, vạch Cổng ra` */
export function placeOf(breach: Breach): string {
  const camera = breach.camera_name ?? m.history_whole_site();
  if (breach.line_name) return m.rail_place_line({ camera, line: breach.line_name });
  if (breach.area_name) return m.rail_place_area({ camera, area: breach.area_name });
  return camera;
}
