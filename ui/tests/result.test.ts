import { describe, expect, test } from "vitest";
import { failureOf, failureOfThrown, failureWords } from "../src/api/index.ts";

const problem = (slug: string, facts = {}) => ({ type: `urn:wardwatch:problem:${slug}`, title: slug, detail: `${slug}.`, ...facts });

describe("problem details", () => {
  test("who was first is a fact, not a text", () => {
    const at = "2026-11-23T20:12:41.000Z";
    expect(failureOf(409, problem("already-acknowledged", { by: "lan", by_name: "Lan", at }))).toEqual({
      kind: "already_acknowledged",
      byName: "Lan",
      at: Date.parse(at),
    });
  });

  test("fields at fault are named", () => {
    const faults = [{ field: "note", reason: "too long" }];
    expect(failureOf(422, problem("invalid", { errors: faults }))).toMatchObject({ kind: "invalid", faults });
    expect(failureOf(422, problem("invalid", { field: "note" }))).toMatchObject({ faults: [{ field: "note" }] });
  });

  test.each([
    [401, "sign-in-refused", "sign_in_refused"],
    [401, "not-signed-in", "not_signed_in"],
    [403, "not-allowed", "not_allowed"],
    [404, "not-in-scope", "not_found"],
    [409, "already-closed", "already_closed"],
    [409, "version-moved", "other"],
    [429, "too-many-tries", "too_many_tries"],
    [503, "store-unavailable", "unavailable"],
    [500, "unexpected", "unavailable"],
  ])("%i %s is %s", (status, slug, kind) => {
    expect(failureOf(status, problem(slug)).kind).toBe(kind);
  });

  test.each([null, undefined, "<html>", 7, { type: 3 }])("a body that is none (%j) still is a failure", (body) => {
    expect(failureOf(502, body)).toEqual({ kind: "unavailable", id: null });
  });

  test("an unexpected failure keeps its id for whoever looks for it", () => {
    const failure = failureOf(500, problem("unexpected", { id: "0193-ab" }));
    expect(failureWords(failure).next).toContain("0193-ab");
  });

  test("a thrown fetch is silence; an aborted one was meant", () => {
    expect(failureOfThrown(new TypeError("fetch failed"))).toEqual({ kind: "offline" });
    expect(failureOfThrown(new DOMException("", "AbortError"))).toEqual({ kind: "aborted" });
    expect(failureOfThrown(new DOMException("", "TimeoutError"))).toEqual({ kind: "offline" });
  });
});
