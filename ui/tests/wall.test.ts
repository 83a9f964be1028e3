import { describe, expect, test } from "vitest";
import type { LiveEvent } from "../src/api/index.ts";
import { fromSnapshot, reduceEvent, withBreach, type WallState } from "../src/live/wall.ts";
import { breach, NOW, opened, wall } from "./samples.ts";

const begin = (change = {}): WallState => fromSnapshot(wall(change), null);
const open = (change = {}): LiveEvent => ({ type: "opened", position: 101, breach: opened(change) });
const at = new Date(NOW).toISOString();

describe("a breach that opens", () => {
  test("gets the names that the wall knows", () => {
    const { breaches } = reduceEvent(begin(), open());
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toMatchObject({
      id: "new",
      state: "open",
      camera_name: "Cổng chính",
      line_name: "Cổng ra",
      site_name: "Khu cách ly KTX Hòa Khánh",
      order_number: "12/QĐ-UBND",
      escalates_at: null,
    });
  });

  test("is there once, however often it is told", () => {
    const twice = reduceEvent(reduceEvent(begin(), open()), open());
    expect(twice.breaches).toHaveLength(1);
    expect(twice.openings).toHaveLength(1);
  });

  test("of another site changes nothing", () => {
    const before = begin();
    expect(reduceEvent(before, open({ site: "elsewhere" }))).toBe(before);
  });
});

describe("an answer", () => {
  const waiting = (): WallState => reduceEvent(begin(), open());
  const step = (name: "acknowledged" | "resolved" | "dismissed" | "commented"): LiveEvent => ({
    type: "step",
    position: 102,
    step: name,
    breach: "new",
    by: "user-lan",
    at,
    reason: null,
  });

  test("acknowledged: at once, the name comes later", () => {
    const { breaches } = reduceEvent(waiting(), step("acknowledged"));
    expect(breaches[0]).toMatchObject({ state: "acknowledged", acknowledged_at: at, acknowledged_by_name: null });
  });

  test("acknowledged does not undo a name that is there", () => {
    const named = withBreach(waiting(), breach({ id: "new", state: "acknowledged", acknowledged_by_name: "Lan" }));
    expect(reduceEvent(named, step("acknowledged")).breaches[0]?.acknowledged_by_name).toBe("Lan");
  });

  test.each(["resolved", "dismissed"] as const)("%s: it leaves the wall", (name) => {
    expect(reduceEvent(waiting(), step(name)).breaches).toEqual([]);
  });

  test("a closed breach that the server answers leaves too", () => {
    expect(withBreach(waiting(), breach({ id: "new", state: "resolved" })).breaches).toEqual([]);
  });

  test("a comment changes nothing on the wall", () => {
    const before = waiting();
    expect(reduceEvent(before, step("commented"))).toBe(before);
  });
});

describe("cameras", () => {
  test("counts change one camera and leave the others as they are", () => {
    const before = begin();
    const after = reduceEvent(before, { type: "occupancy", camera: "camera-2", at, persons: 4, areas: { yard: 3 } });
    expect(after.cameras[2]).toMatchObject({ persons: 4, areas: [{ id: "yard", persons: 3 }] });
    expect(after.cameras[0]).toBe(before.cameras[0]);
  });

  test("the figure in view goes with the areas that count, and is unknown when one of them is", () => {
    const told = (persons: number | null): LiveEvent => ({ type: "occupancy", camera: "camera-2", at, persons, areas: { yard: 3, door: 9 } });
    const after = reduceEvent(begin(), told(4));
    expect(after.figures).toMatchObject({ visible: 3, visible_at: at });
    expect(reduceEvent(after, told(null)).figures).toMatchObject({ visible: null, visible_at: null });
    const lost: LiveEvent = { type: "camera", position: 103, camera: "camera-2", state: "offline", reason: "worker_lost", since: at };
    expect(reduceEvent(after, lost).figures.visible).toBe(null);
    const elsewhere: LiveEvent = { ...lost, camera: "camera-0" };
    expect(reduceEvent(after, elsewhere).figures.visible).toBe(3);
  });

  test("one that goes offline does not keep its count", () => {
    const event: LiveEvent = { type: "camera", position: 103, camera: "camera-0", state: "offline", reason: "stalled", since: at };
    expect(reduceEvent(begin(), event).cameras[0]).toMatchObject({ state: "offline", reason: "stalled", persons: null });
  });

  test("one that is not on this wall changes nothing", () => {
    const before = begin();
    expect(reduceEvent(before, { type: "occupancy", camera: "other", at, persons: 1, areas: {} })).toBe(before);
  });

  test("observations are kept, newest first, twenty of them", () => {
    let state = begin();
    for (let index = 0; index < 25; index += 1) {
      const observation = { id: `o${index}`, kind: "exit", time: at, camera: "camera-0", line: "gate", area: null, persons: 1 } as const;
      state = reduceEvent(state, { type: "observed", position: 200 + index, observation });
    }
    expect(state.observations).toHaveLength(20);
    expect(state.observations[0]).toMatchObject({ id: "o24", line_name: "Cổng ra" });
  });
});

test("a snapshot keeps the openings that the flood rule counts, each once", () => {
  const first = fromSnapshot(wall({ breaches: [breach({ opened_at: at })] }), null);
  expect(fromSnapshot(wall({ breaches: [breach({ opened_at: at })] }), first).openings).toEqual([NOW]);
});
