/** Values for tests; each says only what its test is about. */
import { breach as devBreach, camera as devCamera, ORDER, SITE } from "../dev/data.ts";
import type { Breach, OpenedBreach, Wall, WallCamera } from "../src/api/index.ts";

export const NOW = Date.parse("2026-11-23T20:12:40.000Z");

export const camera = (index = 0): WallCamera => devCamera(index, NOW);

export function breach(change: Partial<Breach> = {}): Breach {
  return { ...devBreach({ camera: devCamera(0, NOW) }, NOW), ...change };
}

export function wall(change: Partial<Wall> = {}): Wall {
  return {
    position: 100,
    now: new Date(NOW).toISOString(),
    site: SITE,
    figures: { registered: null, balance: null, balance_at: null, visible: 2, visible_at: null },
    detector: { state: "ready", detail: "" },
    orders: [ORDER],
    cameras: [camera(0), camera(1), camera(2)],
    breaches: [],
    observations: [],
    ...change,
  };
}

export function opened(change: Partial<OpenedBreach> = {}): OpenedBreach {
  const at = new Date(NOW).toISOString();
  return {
    id: "new",
    kind: "exit",
    priority: "high",
    site: SITE.id,
    unit: SITE.unit,
    camera: "camera-0",
    rule: "rule",
    line: "gate",
    area: null,
    persons: 1,
    orders: [{ id: ORDER.id, number: ORDER.number, version: 1 }],
    openedAt: at,
    beganAt: at,
    decidedAt: at,
    why: null,
    ...change,
  };
}
