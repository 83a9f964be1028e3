import { describe, expect, test } from "vitest";
import { answeredAfter, countStates, median } from "../src/breaches/figures.ts";
import { filterFrom, paramsOf } from "../src/breaches/filter.ts";
import { breach } from "./samples.ts";

describe("the filter in the address", () => {
  test("comes back as it went", () => {
    const filter = { kind: "exit", state: "open", camera: "c-1", from: "2026-11-22T20:15:00.000Z" } as const;
    expect(filterFrom(paramsOf(filter))).toEqual(filter);
  });

  test("leaves out what cannot be", () => {
    const params = new URLSearchParams("kind=levitation&state=open&from=yesterday&camera=%3Cscript%3E&x=1");
    expect(filterFrom(params)).toEqual({ state: "open" });
  });
});

describe("figures over what is shown", () => {
  test("states are counted, escalated ones apart", () => {
    const counts = countStates([
      breach(),
      breach({ escalated_at: "2026-11-23T20:12:41.000Z" }),
      breach({ state: "resolved" }),
      breach({ state: "resolved" }),
    ]);
    expect(counts).toEqual({ open: 1, escalated: 1, acknowledged: 0, resolved: 2, dismissed: 0 });
  });

  test("a breach that nobody acknowledged has no answer time", () => {
    expect(answeredAfter(breach())).toBeNull();
    const opened_at = "2026-11-23T20:12:18.000Z";
    const acknowledged_at = "2026-11-23T20:12:43.000Z";
    expect(answeredAfter(breach({ opened_at, acknowledged_at }))).toBe(25_000);
  });

  test("the median of nothing is nothing", () => {
    expect(median([])).toBeNull();
    expect(median([3])).toBe(3);
    expect(median([4, 1])).toBe(2.5);
    expect(median([9, 1, 5])).toBe(5);
  });
});
