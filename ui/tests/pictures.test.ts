import { describe, expect, test } from "vitest";
import { pictureState, type PictureFacts } from "../src/pictures/freshness.ts";
import { nextStill, type Wanted } from "../src/pictures/schedule.ts";

const NOW = 1_000_000;
const facts = (change: Partial<PictureFacts>): PictureFacts => ({
  state: "online",
  since: NOW - 60_000,
  stillAt: NOW - 400,
  frameAt: NOW - 400,
  now: NOW,
  ...change,
});

describe("a picture", () => {
  test("is shown with its age while it is younger than five seconds", () => {
    expect(pictureState(facts({}))).toEqual({ kind: "shown", capturedAt: NOW - 400, age: 400 });
    expect(pictureState(facts({ stillAt: NOW - 5000 })).kind).toBe("shown");
  });

  test("goes after five seconds, and says since when and what the last one was", () => {
    const old = NOW - 5001;
    expect(pictureState(facts({ stillAt: old, frameAt: old }))).toEqual({ kind: "lost", for: 5001, last: old });
  });

  test("goes at once when the server says offline, however fresh the still", () => {
    expect(pictureState(facts({ state: "offline" }))).toMatchObject({ kind: "lost", last: NOW - 400 });
  });

  test("counts from the newest frame known, the still's or the server's", () => {
    const state = pictureState(facts({ state: "offline", stillAt: NOW - 60_000, frameAt: NOW - 42_000 }));
    expect(state).toEqual({ kind: "lost", for: 42_000, last: NOW - 42_000 });
  });

  test("is on its way when the camera has frames and none has come here yet", () => {
    expect(pictureState(facts({ stillAt: null })).kind).toBe("connecting");
  });

  test("is lost when the camera is online by name only", () => {
    expect(pictureState(facts({ stillAt: null, frameAt: NOW - 20_000 }))).toMatchObject({ kind: "lost", for: 20_000 });
  });

  test("of a camera that was never connected is connecting, not lost", () => {
    const never = facts({ state: "connecting", stillAt: null, frameAt: null, since: NOW - 2000 });
    expect(pictureState(never)).toEqual({ kind: "connecting", for: 2000 });
  });

  test("of one that reconnects stays lost until a frame comes", () => {
    const again = facts({ state: "connecting", stillAt: NOW - 30_000, frameAt: NOW - 30_000 });
    expect(pictureState(again)).toMatchObject({ kind: "lost", for: 30_000 });
  });

  test("of one that is switched off is neither", () => {
    expect(pictureState(facts({ state: "disabled" }))).toEqual({ kind: "disabled" });
  });
});

describe("the next still", () => {
  const wanted = (camera: string, change: Partial<Wanted> = {}): Wanted => ({
    camera,
    urgent: false,
    askedAt: NOW - 2000,
    inFlight: false,
    ...change,
  });

  test("is that of the camera that waited longest", () => {
    expect(nextStill([wanted("a"), wanted("b", { askedAt: NOW - 3000 })], NOW)).toBe("b");
    expect(nextStill([wanted("a"), wanted("b", { askedAt: null })], NOW)).toBe("b");
  });

  test("comes once a second, not more often", () => {
    expect(nextStill([wanted("a", { askedAt: NOW - 999 })], NOW)).toBeNull();
    expect(nextStill([wanted("a", { askedAt: NOW - 1000 })], NOW)).toBe("a");
  });

  test("of a camera with a breach goes first", () => {
    expect(nextStill([wanted("a", { askedAt: null }), wanted("b", { urgent: true })], NOW)).toBe("b");
  });

  test("waits while two are on their way", () => {
    const busy = [wanted("a", { inFlight: true }), wanted("b", { inFlight: true }), wanted("c")];
    expect(nextStill(busy, NOW)).toBeNull();
    expect(nextStill(busy.slice(1), NOW)).toBe("c");
  });
});
