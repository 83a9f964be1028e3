import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { check, parseCatalogue } from "../scripts/catalogue.ts";
import openapi from "../openapi.json" with { type: "json" };
import { cameraMendWord, cameraReasonWord, cameraStateWord, kindWord, lossWord, m, outcomeWord, priorityWord, reasonWord, roleWord, setLanguage, stateWord, unwatchedWord } from "../src/words/index.ts";

const read = (language: string) =>
  parseCatalogue(readFileSync(new URL(`../messages/${language}.json`, import.meta.url), "utf8"));
afterEach(() => setLanguage("vi"));

describe("the catalogues", () => {
  test("match each other and hold no word that is out of date", () => {
    expect(check(read("vi"), read("en"))).toEqual([]);
  });

  test.each([
    ["a message that one lacks", { a: "một", b: "hai" }, { a: "one" }, "en.json lacks b"],
    ["another placeholder", { a: "{name} đến" }, { a: "{who} came" }, "a: vi has {name}, en has {who}"],
    ["the district level", { a: "Quận 1" }, { a: "One" }, "vi.json a: a banned word"],
    ["an empty text", { a: " " }, { a: "x" }, "vi.json a: empty"],
    ["letters in pieces", { a: "phường".normalize("NFD") }, { a: "ward" }, "vi.json a: not NFC"],
  ])("would be refused for %s", (_, vi, en, fault) => {
    expect(check(vi, en)).toContain(fault);
  });

  test("do not take 'quận' for part of another word", () => {
    expect(check({ a: "quậng" }, { a: "x" })).toEqual([]);
  });
});

describe("the record's vocabulary", () => {
  const schemas = openapi.components.schemas;
  test.each([
    ["RuleKind", schemas.RuleKind.enum, kindWord],
    ["BreachState", schemas.BreachState.enum, stateWord],
    ["Priority", schemas.Priority.enum, priorityWord],
    ["Outcome", schemas.Outcome.enum, outcomeWord],
    ["DismissReason", schemas.DismissReason.enum, reasonWord],
    ["Role", schemas.Role.enum, roleWord],
    ["CameraReason", schemas.CameraReason.enum, cameraReasonWord],
    ["CameraState", schemas.CameraState.enum, cameraStateWord],
    ["CameraReason, and what to do", schemas.CameraReason.enum, cameraMendWord],
    ["reason not to have watched", [...schemas.CameraReason.enum, "connecting", "disabled"], unwatchedWord],
    ["Loss", schemas.Loss.enum, lossWord],
  ] as const)("has a word of its own for every %s of the API, in both languages", (_, values, word) => {
    for (const language of ["vi", "en"] as const) {
      setLanguage(language);
      const words = values.map((value) => word(value));
      expect(new Set(words).size).toBe(values.length);
      expect(words).not.toContain("");
      expect(words).not.toContain(m.unknown());
      expect(words).not.toContain(m.kind_other());
      expect(words).not.toContain(m.reason_other());
    }
  });

  test("what it does not know is other or unknown, never the good case", () => {
    expect(kindWord("levitation")).toBe("Loại khác");
    expect(stateWord("levitating")).toBe("chưa rõ");
    expect(cameraReasonWord("gremlins")).toBe("có trục trặc");
  });
});

describe("messages", () => {
  test("plurals follow the language", () => {
    expect(m.persons({ count: 1 })).toBe("1 người");
    setLanguage("en");
    expect(m.persons({ count: 1 })).toBe("1 person");
    expect(m.persons({ count: 2 })).toBe("2 people");
  });
});
