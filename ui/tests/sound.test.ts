import { describe, expect, test } from "vitest";
import { dueTone, SILENT, type Alarm, type SoundState } from "../src/sound/plan.ts";

const high: Alarm = { id: "h", priority: "high" };
const medium: Alarm = { id: "m", priority: "medium" };
const low: Alarm = { id: "l", priority: "low" };

/** The tones of so many seconds, asked four times a second: [second, tone]. */
function tones(alarms: readonly Alarm[], seconds: number, world = { muted: false, flooded: false }): [number, string][] {
  let state: SoundState = SILENT;
  const heard: [number, string][] = [];
  for (let now = 0; now < seconds * 1000; now += 250) {
    const due = dueTone(state, alarms, { now, ...world });
    state = due.state;
    if (due.tone !== null) heard.push([now / 1000, due.tone]);
  }
  return heard;
}

describe("tones", () => {
  test("high: every three seconds for as long as it waits", () => {
    expect(tones([high], 10)).toEqual([[0, "high"], [3, "high"], [6, "high"], [9, "high"]]);
  });

  test("medium: once; low: never", () => {
    expect(tones([medium], 30)).toEqual([[0, "medium"]]);
    expect(tones([low], 30)).toEqual([]);
  });

  test("high goes before medium", () => {
    expect(tones([medium, high], 4)).toEqual([[0, "high"], [3, "high"]]);
  });

  test("in a flood: one in thirty seconds", () => {
    expect(tones([high, medium], 61, { muted: false, flooded: true })).toEqual([[0, "high"], [30, "high"], [60, "high"]]);
  });

  test("muted: none", () => {
    expect(tones([high, medium], 20, { muted: true, flooded: false })).toEqual([]);
  });

  test("a second medium one rings for itself", () => {
    const first = dueTone(SILENT, [medium], { now: 0, muted: false, flooded: false });
    const second = dueTone(first.state, [medium, { id: "m2", priority: "medium" }], { now: 5000, muted: false, flooded: false });
    expect(second.tone).toBe("medium");
  });
});
