import { describe, expect, test } from "vitest";
import { crossingOf, outward, outwardArrow, placed, pointOf, type Point } from "../src/pictures/geometry.ts";
import table from "../../tests/e2e/outward.json" with { type: "json" };

function side(a: Point, b: Point, p: Point, aspect: number): number {
  const [nx, ny] = outward(a, b, aspect);
  const [ax, ay] = placed(a, aspect);
  const [px, py] = placed(p, aspect);
  return (px - ax) * nx + (py - ay) * ny;
}

describe("outward", () => {
  test.each(table.cases)("$name", ({ a, b, aspect, outside, inside }) => {
    expect(side(pointOf(a), pointOf(b), pointOf(outside), aspect)).toBeGreaterThan(0);
    expect(side(pointOf(a), pointOf(b), pointOf(inside), aspect)).toBeLessThan(0);
  });

  test.each(table.cases)("turning the line round turns it: $name", ({ a, b, aspect }) => {
    const [x, y] = outward(pointOf(a), pointOf(b), aspect);
    const [back, up] = outward(pointOf(b), pointOf(a), aspect);
    expect(back).toBeCloseTo(-x);
    expect(up).toBeCloseTo(-y);
  });

  test("is at a right angle to the line as it is drawn, not as it is measured", () => {
    const [x, y] = outward([0.2, 0.2], [0.6, 0.8], 2);
    expect(x * (0.4 * 2) + y * 0.6).toBeCloseTo(0);
    expect(Math.hypot(x, y)).toBeCloseTo(1);
  });

  test("of a line without length is nowhere", () => {
    expect(outward([0.5, 0.5], [0.5, 0.5], 1.5)).toEqual([0, 0]);
  });
});

describe("the arrow's word", () => {
  test.each(table.cases)("stays inside the frame: $name", ({ a, b, aspect }) => {
    const { word } = outwardArrow(pointOf(a), pointOf(b), aspect);
    expect(word[0]).toBeGreaterThanOrEqual(0);
    expect(word[0]).toBeLessThanOrEqual(aspect);
    expect(word[1]).toBeGreaterThanOrEqual(0.05);
    expect(word[1]).toBeLessThanOrEqual(0.95);
  });
});

describe("the crossing", () => {
  const a: Point = [0.5, 0.2];
  const b: Point = [0.5, 0.8];

  test("is where the trail goes through the line", () => {
    const at = crossingOf([[0.3, 0.5], [0.4, 0.5], [0.7, 0.5]], a, b);
    expect(at?.[0]).toBeCloseTo(0.5);
    expect(at?.[1]).toBeCloseTo(0.5);
  });

  test("is the last one when there are several", () => {
    const at = crossingOf([[0.4, 0.3], [0.6, 0.3], [0.4, 0.6], [0.6, 0.7]], a, b);
    expect(at?.[1]).toBeCloseTo(0.65);
  });

  test("is none beyond the line's end, or for a trail that stays on one side", () => {
    expect(crossingOf([[0.4, 0.9], [0.6, 0.9]], a, b)).toBeNull();
    expect(crossingOf([[0.1, 0.5], [0.4, 0.5]], a, b)).toBeNull();
    expect(crossingOf([], a, b)).toBeNull();
  });
});
