import { expect, test } from "vitest";
import type { Evidence } from "../src/api/index.ts";
import { comes, lengthMs, momentOf, shownOf } from "../src/breaches/evidence.ts";

const OPENED = "2026-11-24T03:12:00.000Z";
const SOON = Date.parse(OPENED) + 5_000;
const LATER = Date.parse(OPENED) + 60_000;

function evidence(some: Partial<Evidence>): Evidence {
  return {
    id: "one",
    kind: "clip",
    state: "ready",
    loss: null,
    done_pct: null,
    camera: "gate",
    begins_at: "2026-11-24T03:11:49.000Z",
    ends_at: "2026-11-24T03:12:09.000Z",
    offset_ms: 11_000,
    part: 1,
    gap_ms: 0,
    media: "video/mp4",
    codec: "hevc",
    width: 640,
    height: 360,
    bytes: 1,
    sha256: "00",
    ...some,
  };
}

test("the moment lies on the time line where it happened, and never beside it", () => {
  expect(lengthMs(evidence({}))).toBe(20_000);
  expect(momentOf(evidence({}))).toBeCloseTo(0.55);
  expect(momentOf(evidence({ offset_ms: -4_000 }))).toBe(0);
  expect(momentOf(evidence({ offset_ms: 90_000 }))).toBe(1);
  expect(momentOf(evidence({ ends_at: "2026-11-24T03:11:49.000Z" }))).toBe(0);
});

test("of several parts the one with the moment is shown first", () => {
  const before = evidence({ id: "before", offset_ms: 30_000 });
  const with_it = evidence({ id: "with", offset_ms: 2_000, part: 2 });
  expect(shownOf([before, with_it]).best?.id).toBe("with");
  expect(shownOf([before]).best?.id).toBe("before");
  expect(shownOf([]).best).toBeNull();
});

test("a snapshot that is gone is not shown", () => {
  const snapshot = evidence({ id: "still", kind: "snapshot" });
  expect(shownOf([snapshot]).snapshot?.id).toBe("still");
  expect(shownOf([{ ...snapshot, state: "missing" }]).snapshot).toBeNull();
});

test("it is asked again while a clip may come or is being made, and no longer", () => {
  const snapshot = evidence({ kind: "snapshot" });
  expect(comes([snapshot], OPENED, SOON)).toBe(true);
  expect(comes([snapshot], OPENED, LATER)).toBe(false);
  expect(comes([], OPENED, LATER)).toBe(false);
  for (const state of ["writing", "sealed", "making"] as const) {
    expect(comes([snapshot, evidence({ state })], OPENED, LATER)).toBe(true);
  }
  expect(comes([snapshot, evidence({})], OPENED, SOON)).toBe(false);
  for (const state of ["missing", "locked", "lost"] as const) {
    expect(comes([evidence({ state })], OPENED, SOON)).toBe(false);
  }
});
