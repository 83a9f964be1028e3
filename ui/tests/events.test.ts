import { describe, expect, test } from "vitest";
import { parseMessage } from "../src/api/index.ts";

const T = "2026-11-23T20:12:18.400Z";
const fact = (type: string, data: unknown, id = "4294967301") => ({
  id,
  event: `wardwatch.${type}`,
  data: JSON.stringify({ specversion: "1.0", type: `wardwatch.${type}`, subject: "s", time: T, data }),
});
const OPENED = {
  breach: "b1",
  kind: "exit",
  priority: "high",
  site: "s1",
  unit: "u1",
  camera: "c1",
  rule: "r1",
  line: "gate",
  area: null,
  persons: 2,
  order: "o1",
  orders: [{ id: "o1", number: "12/QĐ-UBND", version: 1 }],
  began_at: T,
  decided_at: T,
  why: { track: 7, direction: "outward", confidence_e4: 8300, model: "m", path: [[7500, 10000, T], [8000, 9500, T]] },
};

describe("a breach that opens", () => {
  test("comes with its time, its orders and its trail in fractions of the frame", () => {
    const event = parseMessage(fact("breach.opened", OPENED));
    expect(event).toMatchObject({
      type: "opened",
      position: 4_294_967_301,
      breach: { id: "b1", kind: "exit", persons: 2, openedAt: T, orders: [{ number: "12/QĐ-UBND" }] },
    });
    if (event?.type !== "opened") throw new Error("not opened");
    expect(event.breach.why?.confidence).toBeCloseTo(0.83);
    expect(event.breach.why?.path).toEqual([
      { x: 0.75, y: 1, at: T },
      { x: 0.8, y: 0.95, at: T },
    ]);
  });

  test("needs neither camera nor explanation", () => {
    const { camera, why, ...rest } = OPENED;
    const event = parseMessage(fact("breach.opened", rest));
    expect(event).toMatchObject({ breach: { camera: null, why: null } });
    expect([camera, why]).toHaveLength(2);
  });

  test("takes fields of a newer server without a word", () => {
    expect(parseMessage(fact("breach.opened", { ...OPENED, mood: "new" }))?.type).toBe("opened");
  });
});

describe("other messages", () => {
  test.each([
    ["breach.updated", { breach: "b", persons: 3 }, { type: "updated", persons: 3 }],
    ["breach.ended", { breach: "b", decided_at: T }, { type: "ended", at: T }],
    ["breach.acknowledged", { breach: "b", by: "u" }, { type: "step", step: "acknowledged", by: "u" }],
    ["breach.resolved", { breach: "b", by: "u", outcome: "left" }, { type: "step", reason: "left" }],
    ["breach.dismissed", { breach: "b", by: "u", reason: "staff" }, { type: "step", reason: "staff" }],
    ["breach.commented", { breach: "b", by: "u" }, { type: "step", step: "commented" }],
    ["camera.offline", { camera: "c", reason: "stalled" }, { type: "camera", state: "offline", reason: "stalled" }],
    ["camera.online", { camera: "c", reason: null }, { type: "camera", state: "online", reason: null }],
    ["camera.offline", { camera: "c", reason: "gremlins" }, { type: "camera", state: "offline", reason: null }],
    ["order.lifted", {}, { type: "changed" }],
    ["observation.recorded", { observation: "o", kind: "exit", camera: "c", persons: 1 }, { type: "observed" }],
  ])("%s", (type, data, expected) => {
    expect(parseMessage(fact(type, data))).toMatchObject(expected);
  });

  test("a tick tells the server's time", () => {
    const data = JSON.stringify({ now: T, position: 9 });
    expect(parseMessage({ id: "9", event: "tick", data })).toEqual({ type: "tick", now: Date.parse(T), position: 9 });
  });

  test("live counts come without an id; unknown stays unknown", () => {
    const data = JSON.stringify({ camera: "c", site: "s", at: T, persons: null, areas: { yard: 3 } });
    expect(parseMessage({ id: undefined, event: "occupancy", data })).toMatchObject({
      type: "occupancy",
      persons: null,
      areas: { yard: 3 },
    });
  });
});

describe("what is not understood is dropped", () => {
  test.each([
    ["an unknown type", fact("shelving.started", {})],
    ["a breach of an unknown kind", fact("breach.opened", { ...OPENED, kind: "levitation" })],
    ["a fact without its id", { ...fact("breach.opened", OPENED), id: undefined }],
    ["an id that is no position", fact("breach.opened", OPENED, "abc")],
    ["no JSON", { id: "1", event: "tick", data: "{" }],
    ["a time that is none", { id: "1", event: "tick", data: '{"now":"later","position":1}' }],
    ["no event name", { id: "1", event: undefined, data: "{}" }],
  ])("%s", (_, raw) => {
    expect(parseMessage(raw)).toBeNull();
  });
});
