/** The state of the invented site, and the scenes that set it up. */
import { breach, camera, iso, ME, ORDER, SITE, type Breach, type Wall, type WallCamera } from "./data.ts";

export const SCENES = ["night", "calm", "flood", "empty", "many", "history", "faults", "blind", "ill"] as const;
export type Scene = (typeof SCENES)[number];

/** In the order of the cameras; what is left is well. */
const ILL = [
  ["degraded", "frozen"],
  ["degraded", "unstable"],
  ["degraded", "clock_skewed"],
  ["degraded", "covered"],
  ["offline", "auth_failed"],
  ["disabled", null],
] as const;

interface Message {
  readonly id: number;
  readonly event: string;
  readonly data: unknown;
}

export interface Reader {
  readonly write: (text: string) => void;
  readonly end: () => void;
}

export class World {
  position = 4_294_967_300;
  cameras: WallCamera[] = [];
  breaches: Breach[] = [];
  readonly lostAt = new Map<string, number>();
  /** The stream is held back: the page must notice the silence. */
  cut = false;
  detector: Wall["detector"] = { state: "ready", detail: "" };
  readonly log: Message[] = [];
  readonly readers = new Set<Reader>();

  constructor(scene: Scene, now: number) {
    const count = scene === "empty" ? 0 : scene === "many" ? 40 : 8;
    this.cameras = Array.from({ length: count }, (_, index) => camera(index, now));
    if (scene === "night" || scene === "history") this.night(now);
    if (scene === "flood") this.flood(now);
    if (scene === "history") this.past(now);
    if (scene === "faults") for (const index of [1, 3, 4, 5, 7]) this.lose(index, now - 30_000 - index * 5000);
    if (scene === "ill") ILL.forEach(([state, reason], index) => this.fall(index, state, reason, now - 95_000));
    if (scene === "blind") this.detector = { state: "missing", detail: "model not found" };
  }

  private at(index: number): WallCamera {
    const found = this.cameras[index];
    if (found === undefined) throw new Error(`no camera ${index}`);
    return found;
  }

  private night(now: number): void {
    this.breaches.push(breach({ camera: this.at(0), ageMs: 22_000 }, now));
    const gathering = breach({ camera: this.at(2), kind: "gathering", ageMs: 870_000, persons: 6 }, now);
    this.breaches.push(answered(gathering, "Minh", now - 830_000));
    this.lose(7, now - 42_000);
  }

  private flood(now: number): void {
    const wishes = [
      [0, "exit", 6],
      [1, "exit", 3],
      [6, "restricted", 2],
      [2, "gathering", 2],
      [6, "loitering", 1],
    ] as const;
    let ageMs = 470_000;
    for (const [index, kind, count] of wishes) {
      for (let one = 0; one < count; one += 1) {
        this.breaches.push(breach({ camera: this.at(index), kind, ageMs: (ageMs -= 30_000) + 20_000 }, now));
      }
    }
    this.lose(7, now - 42_000);
  }

  private past(now: number): void {
    const kinds = ["exit", "gathering", "restricted", "exit", "entry", "exit", "gathering"] as const;
    for (let index = 0; index < 36; index += 1) {
      const kind = kinds[index % kinds.length] ?? "exit";
      const ageMs = 1_200_000 + index * 2_900_000;
      const one = breach({ camera: this.at(index % 7), kind, ageMs, persons: 1 + (index % 3) }, now);
      const opened = now - ageMs;
      const first = answered(one, index % 2 === 0 ? "Minh" : "Lan", opened + 20_000 + (index % 5) * 11_000);
      this.breaches.push(closed(first, index % 4 === 0 ? "dismissed" : "resolved", opened + 600_000));
    }
  }

  /** A camera with something the matter; only one that is offline has no picture. */
  fall(index: number, state: WallCamera["state"], reason: WallCamera["reason"], at: number): void {
    if (state === "offline") this.lose(index, at);
    const sees = reason === "unstable" || reason === "clock_skewed";
    const one = this.at(index);
    this.cameras[index] = { ...one, state, reason, since: iso(at), persons: sees ? one.persons : null };
  }

  lose(index: number, at: number): void {
    const lost = this.at(index);
    this.lostAt.set(lost.id, at);
    this.cameras[index] = { ...lost, state: "offline", since: iso(at + 3000), frame_at: iso(at), persons: null, reason: "unreachable" };
  }

  wall(now: number): Wall {
    return {
      position: this.position,
      now: iso(now),
      site: SITE,
      figures: { registered: null, balance: null, balance_at: null, visible: this.cameras.length === 0 ? null : 9, visible_at: iso(now) },
      detector: this.detector,
      orders: [ORDER],
      cameras: this.cameras.map((one) => (this.lostAt.has(one.id) ? one : { ...one, frame_at: iso(now) })),
      breaches: this.breaches.filter((one) => one.state === "open" || one.state === "acknowledged"),
      observations: [
        { id: "o1", kind: "entry", time: iso(now - 450_000), camera: "camera-0", camera_name: "Cổng chính", line_name: "Cổng ra", area_name: null, persons: 1 },
        { id: "o2", kind: "exit", time: iso(now - 1_864_000), camera: "camera-1", camera_name: "Cổng phụ", line_name: "Cổng ra", area_name: null, persons: 1 },
      ].filter(() => this.cameras.length > 0) as Wall["observations"],
    };
  }

  /** A logged event: kept for readers that resume, sent to those that listen. */
  say(event: string, subject: string, data: unknown): void {
    this.position += 1;
    const message = {
      id: this.position,
      event: `wardwatch.${event}`,
      data: { specversion: "1.0", type: `wardwatch.${event}`, subject, time: iso(Date.now()), data },
    };
    this.log.push(message);
    this.send(text(message));
  }

  tick(): void {
    const data = { now: iso(Date.now()), position: this.position };
    this.send(text({ id: this.position, event: "tick", data }));
  }

  count(index: number, persons: number): void {
    const one = this.at(index);
    this.cameras[index] = { ...one, persons };
    const data = { camera: one.id, site: SITE.id, at: iso(Date.now()), persons, areas: {} };
    this.send(`event: occupancy\ndata: ${JSON.stringify(data)}\n\n`);
  }

  private send(message: string): void {
    if (this.cut) return;
    for (const reader of this.readers) reader.write(message);
  }

  /** The stream is back: what was cut off is hung up, so that readers resume. */
  mend(): void {
    this.cut = false;
    for (const reader of this.readers) reader.end();
  }

  /** A breach that opens now. */
  open(index: number, kind: Breach["kind"] = "exit"): Breach {
    const one = breach({ camera: this.at(index), kind }, Date.now());
    this.breaches.push(one);
    const e4 = (value: number): number => Math.round(value * 10_000);
    const why = one.why === null ? null : { track: one.why.track, direction: one.why.direction, model: one.why.model, confidence_e4: e4(one.why.confidence), path: one.why.path.map((p) => [e4(p.x), e4(p.y), p.at]) };
    const { id, priority, site, unit, camera: where, rule, line, area, persons, order, orders, began_at, decided_at } = one;
    this.say("breach.opened", id, { breach: id, kind, priority, site, unit, camera: where, rule, line, area, persons, order, orders, began_at, decided_at, why });
    return one;
  }

  find(id: string): Breach | undefined {
    return this.breaches.find((one) => one.id === id);
  }

  replace(next: Breach): Breach {
    this.breaches = this.breaches.map((one) => (one.id === next.id ? next : one));
    return next;
  }

  acknowledge(id: string, name: string): Breach | null {
    const one = this.find(id);
    if (one === undefined || one.state !== "open") return null;
    const next = this.replace(answered(one, name, Date.now()));
    this.say("breach.acknowledged", id, { breach: id, by: ME.id });
    return next;
  }

  close(id: string, state: "resolved" | "dismissed", reason: string, note: string): Breach | null {
    const one = this.find(id);
    if (one === undefined || one.state === "resolved" || one.state === "dismissed") return null;
    const next = this.replace(closed(one, state, Date.now(), reason, note));
    this.say(`breach.${state}`, id, { breach: id, by: ME.id, outcome: reason, reason });
    return next;
  }

  comment(id: string, words: string): Breach | null {
    const one = this.find(id);
    if (one === undefined) return null;
    const next = this.replace(withStep(one, "commented", ME.name, Date.now(), { text: words }));
    this.say("breach.commented", id, { breach: id, by: ME.id });
    return next;
  }
}

export function text(message: Message): string {
  return `id: ${message.id}\nevent: ${message.event}\ndata: ${JSON.stringify(message.data)}\n\n`;
}

function withStep(
  one: Breach,
  type: string,
  name: string,
  at: number,
  more: Partial<Breach["history"][number]> = {},
): Breach {
  const position = (one.history.at(-1)?.position ?? 0) + 1;
  const hash = (position * 2_654_435_761).toString(16).padStart(12, "a");
  const step = { position, type: `wardwatch.breach.${type}`, time: iso(at), by: name.toLowerCase(), by_name: name, persons: null, outcome: null, reason: null, text: null, evidence: null, hash, ...more };
  return { ...one, history: [...one.history, step] };
}

function answered(one: Breach, name: string, at: number): Breach {
  const next: Breach = { ...one, state: "acknowledged", acknowledged_by: name.toLowerCase(), acknowledged_by_name: name, acknowledged_at: iso(at) };
  return withStep(next, "acknowledged", name, at);
}

function closed(one: Breach, state: "resolved" | "dismissed", at: number, reason = state === "resolved" ? "returned" : "staff", note = ""): Breach {
  const name = one.acknowledged_by_name ?? ME.name;
  const next: Breach = { ...one, state, closed_at: iso(at), resolved_at: iso(at), resolved_by: name.toLowerCase(), resolved_by_name: name, reason };
  return withStep(next, state, name, at, { outcome: state === "resolved" ? reason : null, reason: state === "dismissed" ? reason : null, text: note === "" ? null : note });
}
