/** An invented site for looking at the screens without a server: eight cameras, one order. */
import type { components } from "../src/api/generated/schema.ts";

type Schemas = components["schemas"];
export type Breach = Schemas["Breach"];
export type Wall = Schemas["Wall"];
export type WallCamera = Schemas["WallCamera"];
export type Me = Schemas["Me"];

export const SITE: Schemas["Site"] = {
  id: "site-hk",
  name: "Khu cách ly KTX Hòa Khánh",
  unit: "unit-hk",
  unit_name: "Phường Hòa Khánh",
  timezone: "Asia/Ho_Chi_Minh",
};

export const ME: Me = {
  id: "user-minh",
  username: "supervisor",
  name: "Minh",
  role: "supervisor",
  language: "vi",
  demo: false,
  rights: ["answer", "review", "watch"],
  units: [{ id: "unit-hk", parent: "unit-dn", kind: "ward", name: "Phường Hòa Khánh" }],
  sites: [SITE],
};

export const INSTALLER: Me = {
  ...ME,
  id: "user-an",
  username: "installer",
  name: "An",
  role: "installer",
  rights: ["install", "watch"],
};

const NAMES = [
  "Cổng chính",
  "Cổng phụ",
  "Sân trong",
  "Hành lang A1",
  "Hành lang A2",
  "Sảnh tiếp nhận",
  "Sân sau",
  "Bãi xe",
] as const;
const PERSONS = [1, 1, 6, 2, 1, 1, 0, 0] as const;

export const iso = (at: number): string => new Date(at).toISOString();

export function camera(index: number, now: number): WallCamera {
  const name = NAMES[index % NAMES.length] ?? "Camera";
  const turn = Math.floor(index / NAMES.length);
  return {
    id: `camera-${index}`,
    name: turn === 0 ? name : `${name} ${turn + 1}`,
    short_name: turn === 0 ? name : `${name} ${turn + 1}`,
    state: "online",
    reason: null,
    since: iso(now - 3_600_000),
    frame_at: iso(now),
    width: 640,
    height: 360,
    persons: PERSONS[index % PERSONS.length] ?? 0,
    counts_at: iso(now),
    areas:
      index % NAMES.length === 2
        ? [
            {
              id: "yard",
              name: "sân",
              persons: 6,
              counts: true,
              polygon: [
                [0.55, 0.25],
                [0.95, 0.25],
                [0.95, 0.7],
                [0.55, 0.7],
              ],
            },
          ]
        : [],
    lines:
      index % NAMES.length < 2 ? [{ id: "gate", name: "Cổng ra", a: [0.7, 0.83], b: [0.22, 0.74] }] : [],
  };
}

export const ORDER: Schemas["WallOrder"] = {
  id: "order-12",
  number: "12/QĐ-UBND",
  issuer: "UBND phường Hòa Khánh",
  from: "2026-11-20T17:00:00.000Z",
  to: "2026-11-27T17:00:00.000Z",
  arms: ["exit", "gathering", "restricted", "entry"],
};

let made = 0;

export interface Wish {
  readonly camera: WallCamera;
  readonly kind?: Breach["kind"];
  readonly ageMs?: number;
  readonly persons?: number;
}

export function breach(wish: Wish, now: number): Breach {
  const { camera, kind = "exit", ageMs = 0, persons = 1 } = wish;
  const opened = now - ageMs;
  made += 1;
  const line = kind === "exit" || kind === "entry" ? camera.lines[0] : undefined;
  const area = line === undefined ? camera.areas[0] : undefined;
  return {
    id: `0193-${String(made).padStart(4, "0")}`,
    kind,
    priority: kind === "exit" || kind === "entry" ? "high" : "medium",
    state: "open",
    opened_at: iso(opened),
    began_at: iso(opened),
    decided_at: iso(opened + 200),
    ended_at: null,
    closed_at: null,
    site: SITE.id,
    site_name: SITE.name,
    unit: SITE.unit,
    unit_name: SITE.unit_name,
    camera: camera.id,
    camera_name: camera.name,
    rule: `rule-${camera.id}-${kind}`,
    line: line?.id ?? null,
    line_name: line?.name ?? null,
    area: area?.id ?? null,
    area_name: area?.name ?? null,
    order: ORDER.id,
    order_number: ORDER.number,
    orders: [{ id: ORDER.id, number: ORDER.number, version: 1 }],
    order_ended: false,
    persons,
    acknowledged_by: null,
    acknowledged_by_name: null,
    acknowledged_at: null,
    resolved_by: null,
    resolved_by_name: null,
    resolved_at: null,
    reason: null,
    escalates_at: null,
    escalated_at: null,
    escalated_to: null,
    evidence: [],
    why:
      line === undefined
        ? null
        : { track: 7, direction: "outward", confidence: 0.83, model: "demo", path: trail(opened), reason: null },
    history: [
      {
        position: 1,
        type: "wardwatch.breach.opened",
        time: iso(opened),
        by: null,
        by_name: null,
        persons,
        outcome: null,
        reason: null,
        text: null,
        evidence: null,
        hash: "9f2c41d07be8a6",
      },
    ],
  };
}

/** From the lower right up and over the line, as somebody who walks out. */
function trail(at: number): Schemas["PathPoint"][] {
  return Array.from({ length: 14 }, (_, index) => ({
    at: iso(at - (13 - index) * 200),
    x: 0.78 - index * 0.0235,
    y: 0.98 - index * 0.0185,
  }));
}

/** Gone for ten minutes this morning, and since it has been ill. */
export function unwatched(one: WallCamera, now: number): Schemas["CameraUnwatched"] {
  const well = one.reason === null && one.state === "online";
  const early = { from: iso(now - 9_000_000), to: iso(now - 8_400_000), reason: "stalled" };
  const since = { from: one.since ?? iso(now), to: null, reason: one.reason ?? "disabled" };
  return { camera: one.id, name: one.name, share_watched: well ? 1 : 0.99, intervals: well ? [] : [early, since] };
}

const STREAM: Schemas["ProbedStream"] = {
  stream: "main",
  reachable: true,
  reason: null,
  detail: "",
  sign_in: "basic",
  encrypted: false,
  server: "Hikvision",
  transport: "tcp",
  codec: "h264",
  width: 2560,
  height: 1440,
  frames_per_s: 10,
  announced_frames_per_s: 25,
  keyframe_s: 8,
  kbit_per_s: 3800,
  first_picture_s: 0.4,
  loss: 0,
  clock: "skewed",
  clock_ahead_s: -3600,
  audio: "aac",
  tracks_known: true,
  seconds: 9,
};

/** A camera of 2015 that can be watched; at `.66` the password is wrong, at `.99` is nothing. */
export function probed(url: string): Schemas["CameraProbe"] {
  const said = (word: Schemas["Verdict"]["word"], grade: Schemas["Verdict"]["grade"] = "usable"): Schemas["Verdict"] => ({ grade, word, sentence: "" });
  const none = { sub: null, device: null, people: null, maker: null, snapshot: null };
  const gone = { ...STREAM, codec: null, width: null, height: null, tracks_known: false };
  if (url.includes(".66/")) {
    const verdict = said("auth_failed", "unusable");
    return { ...none, main: { ...gone, reason: "auth_failed", sign_in: "refused" }, verdict, matters: [verdict] };
  }
  if (url.includes(".99/")) {
    const verdict = said("unreachable", "unusable");
    const main = { ...gone, reachable: false, reason: "unreachable", sign_in: "unknown", detail: "timed out" } as const;
    return { ...none, main, verdict, matters: [verdict] };
  }
  const matters = (["clock_skewed", "rare_keyframes", "no_sub_stream", "bare_password"] as const).map((word) => said(word));
  return {
    main: STREAM,
    sub: null,
    device: { manufacturer: "HIKVISION", model: "DS-2CD2043", firmware: "5.5", clock_ahead_s: -3600, main: "rtsp://10.20.4.31/Streaming/Channels/101", sub: "rtsp://10.20.4.31/Streaming/Channels/102" },
    people: { seen: 1, height: 0.12, stated: false, px: 173, px_per_m: 102, iec: "observe", detector_px: 23, reach: "sometimes" },
    maker: "Hikvision",
    verdict: said("small"),
    matters: [said("small"), ...matters],
    snapshot: null,
  };
}
