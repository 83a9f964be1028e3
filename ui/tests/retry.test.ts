import { describe, expect, test } from "vitest";
import { retryAfter } from "../src/pictures/retry.ts";

describe("a live view that failed", () => {
  test.each([
    [0, 2000],
    [1, 4000],
    [4, 32_000],
    [5, 60_000],
    [50, 60_000],
  ])("is tried again: attempt %i within %i ms, and not before three quarters of it", (attempt, most) => {
    expect(retryAfter(attempt, 0)).toBe(most * 0.75);
    expect(retryAfter(attempt, 0.999)).toBeLessThanOrEqual(most);
  });
});
