import { describe, expect, test } from "vitest";
import { inOrder } from "../src/breaches/order.ts";
import { columnsFor } from "../src/wall/columns.ts";
import type { WallCamera } from "../src/api/index.ts";
import { commonCause, floodAfter, grouped, heldAfter, stepFrom } from "../src/wall/queue.ts";
import { breach, NOW } from "./samples.ts";

const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();
const old = breach({ id: "old", opened_at: at(60) });
const fresh = breach({ id: "fresh", opened_at: at(1) });
const medium = breach({ id: "medium", priority: "medium", opened_at: at(300) });
const answered = breach({ id: "answered", state: "acknowledged", opened_at: at(900) });

describe("the queue", () => {
  test("open before answered, urgent before the rest, then the oldest", () => {
    expect(inOrder([fresh, answered, medium, old]).map((one) => one.id)).toEqual([
      "old",
      "fresh",
      "medium",
      "answered",
    ]);
  });
});

describe("the breach at hand", () => {
  test("is the first of the queue when there is none", () => {
    expect(heldAfter(null, false, [fresh, old])).toBe("old");
    expect(heldAfter(null, false, [])).toBeNull();
  });

  test("is not moved by what arrives", () => {
    expect(heldAfter("medium", false, [medium, fresh])).toBe("medium");
  });

  test("stays when a person chose it, even answered", () => {
    expect(heldAfter("answered", true, [answered, fresh])).toBe("answered");
  });

  test("gives way when it is answered and nobody chose it", () => {
    expect(heldAfter("answered", false, [answered, fresh])).toBe("fresh");
    expect(heldAfter("answered", false, [answered])).toBe("answered");
  });

  test("is followed by the next when it is gone", () => {
    expect(heldAfter("gone", true, [medium])).toBe("medium");
  });

  test("moves with J and K, and stops at the ends", () => {
    const queue = [old, fresh, medium];
    expect(stepFrom("old", 1, queue)).toBe("fresh");
    expect(stepFrom("old", -1, queue)).toBe("old");
    expect(stepFrom("medium", 1, queue)).toBe("medium");
    expect(stepFrom(null, 1, queue)).toBe("old");
    expect(stepFrom(null, 1, [])).toBeNull();
  });
});

describe("a flood", () => {
  const openings = (count: number, secondsAgo = 60): number[] =>
    Array.from({ length: count }, (_, index) => NOW - secondsAgo * 1000 - index);

  test("begins above ten in ten minutes", () => {
    expect(floodAfter(false, openings(10), NOW)).toBe(false);
    expect(floodAfter(false, openings(11), NOW)).toBe(true);
    expect(floodAfter(false, openings(20, 601), NOW)).toBe(false);
  });

  test("is over below five", () => {
    expect(floodAfter(true, openings(5), NOW)).toBe(true);
    expect(floodAfter(true, openings(4), NOW)).toBe(false);
  });

  test("is grouped by camera and rule, open ones only, the most urgent group first", () => {
    const gate = [breach({ id: "g1", rule: "r", opened_at: at(9) }), breach({ id: "g2", rule: "r", persons: 3, opened_at: at(30) })];
    const yard = breach({ id: "y", camera: "camera-2", rule: "q", priority: "medium", opened_at: at(500) });
    const groups = grouped([yard, ...gate, answered]);
    expect(groups.map((group) => [group.first.id, group.breaches.length, group.persons])).toEqual([
      ["g2", 2, 4],
      ["y", 1, 1],
    ]);
  });
});

describe("cameras lost together", () => {
  test("five within a minute are one cause, five over an hour are not", () => {
    expect(commonCause(lostAt([0, 10_000, 20_000, 40_000, 59_000]))).toBe("power");
    expect(commonCause(lostAt([0, 10_000, 20_000, 40_000]))).toBe(null);
    expect(commonCause(lostAt([0, 900_000, 1_800_000, 2_700_000, 3_600_000]))).toBe(null);
    expect(commonCause(lostAt([0, 3_000_000, 3_010_000, 3_020_000, 3_030_000, 3_040_000]))).toBe("power");
  });

  test("nobody is sent to look at the power when it is our own worker that is gone", () => {
    const ours = lostAt([0, 1, 2, 3, 4], "worker_lost");
    expect(commonCause(ours)).toBe("worker");
    expect(commonCause([...ours, ...lostAt([5], "unreachable")])).toBe("power");
  });

  const lostAt = (times: readonly number[], reason: WallCamera["reason"] = "stalled") =>
    times.map((at) => ({ reason, since: new Date(NOW + at).toISOString() }));
});

test.each([
  [1, 1],
  [2, 2],
  [4, 2],
  [5, 3],
  [9, 3],
  [10, 4],
  [16, 4],
  [17, 6],
  [32, 6],
])("%i cameras stand in %i columns", (cameras, columns) => {
  expect(columnsFor(cameras)).toBe(columns);
});
