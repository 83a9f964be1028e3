import { expect, test } from "vitest";
import { sumOf } from "../src/pictures/unwatched.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");

test("what goes on counts until now, and the latest stands first", () => {
  const sum = sumOf(
    [
      { from: "2026-11-24T10:00:00Z", to: "2026-11-24T10:10:00Z", reason: "stalled" },
      { from: "2026-11-24T11:59:00Z", to: null, reason: "covered" },
    ],
    NOW,
  );
  expect(sum.ms).toBe(11 * 60_000);
  expect(sum.shown.map((one) => [one.reason, one.to, one.ms])).toEqual([
    ["covered", null, 60_000],
    ["stalled", Date.parse("2026-11-24T10:10:00Z"), 600_000],
  ]);
});

test("a camera that came and went all day is told in full, and listed in part", () => {
  const many = Array.from({ length: 70 }, (_, index) => ({
    from: new Date(NOW - (70 - index) * 60_000).toISOString(),
    to: new Date(NOW - (70 - index) * 60_000 + 1000).toISOString(),
    reason: "unstable",
  }));
  const sum = sumOf(many, NOW);
  expect([sum.ms, sum.count, sum.shown.length, sum.more]).toEqual([70_000, 70, 50, 20]);
  expect(sum.shown[0]?.from).toBe(NOW - 60_000);
});
