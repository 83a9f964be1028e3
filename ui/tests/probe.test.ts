import { afterEach, describe, expect, test } from "vitest";
import openapi from "../openapi.json" with { type: "json" };
import type { CameraProbe, ProbedStream } from "../src/api/index.ts";
import { countOf, rowsOf, verdictWords } from "../src/cameras/probe-rows.ts";
import { cameraMendWord, m, probeMendWord, setLanguage } from "../src/words/index.ts";

const STREAM: ProbedStream = {
  stream: "main",
  reachable: true,
  reason: null,
  detail: "",
  sign_in: "digest",
  encrypted: false,
  server: null,
  transport: "tcp",
  codec: "h264",
  width: 1920,
  height: 1080,
  frames_per_s: 15,
  announced_frames_per_s: 15,
  keyframe_s: 2,
  kbit_per_s: 900.4,
  first_picture_s: 0.4,
  loss: 0,
  clock: "agrees",
  clock_ahead_s: null,
  audio: null,
  tracks_known: true,
  seconds: 4,
};
type Word = CameraProbe["verdict"]["word"];
type Grade = CameraProbe["verdict"]["grade"];
const said = (word: Word, grade: Grade = "usable") => ({ grade, word, sentence: "In English." });
const GOOD: CameraProbe = {
  main: STREAM,
  sub: null,
  device: null,
  people: null,
  maker: null,
  verdict: said("good", "good"),
  matters: [],
  snapshot: null,
};
const bad = (reason: NonNullable<ProbedStream["reason"]>, more: Partial<ProbedStream> = {}): CameraProbe => {
  const verdict = said(reason, "unusable");
  return { ...GOOD, main: { ...STREAM, reason, width: null, codec: null, ...more }, verdict, matters: [verdict] };
};
const marks = (probe: CameraProbe): Record<string, string> =>
  Object.fromEntries(rowsOf(probe).map((row) => [row.id, row.mark]));
const row = (probe: CameraProbe, id: string) => rowsOf(probe).find((one) => one.id === id);

afterEach(() => setLanguage("vi"));

describe("what a probe found", () => {
  test("a good camera has nothing to mend, and asks for a person at the far line", () => {
    expect(verdictWords(GOOD)).toEqual({ title: m.probe_good(), mend: "" });
    expect(rowsOf(GOOD).filter((one) => one.mend !== "").map((one) => one.id)).toEqual(["people"]);
    expect(row(GOOD, "people")?.mark).toBe("unknown");
    expect(row(GOOD, "main-codec")?.seen).toBe("H.264");
    expect(row({ ...GOOD, main: { ...STREAM, codec: "hevc" } }, "main-codec")?.seen).toBe("H.265");
    expect(row(GOOD, "main-size")?.seen).toBe("1920×1080");
    expect(row(GOOD, "main-bits")?.seen).toBe("900 kbit/giây");
    expect(countOf(rowsOf(GOOD), "bad")).toBe(0);
  });

  test("whoever does not answer has one row that is wrong, and no others", () => {
    const probe = bad("unreachable", { reachable: false, sign_in: "unknown", tracks_known: false });
    expect(marks(probe)).toEqual({ reach: "bad" });
    expect(row(probe, "reach")?.mend).toBe(cameraMendWord("unreachable"));
  });

  test("a wrong password is told at the sign-in, once", () => {
    const probe = bad("auth_failed", { sign_in: "refused", tracks_known: false });
    expect(marks(probe)).toEqual({ reach: "good", "main-sign-in": "bad" });
    expect(verdictWords(probe).mend).toBe(cameraMendWord("auth_failed"));
  });

  test("a codec that cannot be read is told after the sign-in", () => {
    expect(marks(bad("unsupported_codec"))).toMatchObject({ "main-sign-in": "good", "main-picture": "bad" });
  });

  test("each matter stands in the row that it is about", () => {
    const sub = { ...STREAM, stream: "sub" as const, width: 640, height: 360, frames_per_s: 2, keyframe_s: null, loss: 0.1 };
    const matters = (["loss", "slow", "rare_keyframes", "clock_skewed", "bare_password"] as const).map((word) => said(word));
    const main = { ...STREAM, sign_in: "basic" as const, clock: "skewed" as const, clock_ahead_s: -3600 };
    const probe = { ...GOOD, main, sub, matters };
    expect(marks(probe)).toMatchObject({
      "main-rate": "good",
      "main-keyframe": "good",
      "main-loss": "good",
      "main-sign-in": "warn",
      "sub-rate": "warn",
      "sub-keyframe": "warn",
      "sub-loss": "warn",
      clock: "warn",
    });
    expect(row(probe, "sub-rate")?.name).toBe("Tốc độ, luồng phụ");
    expect(row(probe, "sub-keyframe")?.seen).toBe("thưa hơn 4 giây");
    expect(row(probe, "clock")?.seen).toBe("chậm 60 phút");
  });

  test("a heavy stream without a sub-stream is told at its size", () => {
    const probe = { ...GOOD, matters: [said("no_sub_stream")] };
    expect(row(probe, "main-size")?.mend).toBe(probeMendWord("no_sub_stream"));
  });

  test.each([
    ["sure", "good"],
    ["sometimes", "warn"],
    ["never", "bad"],
  ] as const)("people whom the detector finds %s", (reach, mark) => {
    const people = { seen: 1, height: 0.1, stated: false, px: 108, px_per_m: 64, iec: "observe", detector_px: 19, reach } as const;
    expect(row({ ...GOOD, people }, "people")?.mark).toBe(mark);
    expect(row({ ...GOOD, people }, "people")?.seen).toBe("cao 108 điểm ảnh, 64 px/m, mức quan sát (IEC 62676-4)");
  });

  const { Matter, CameraReason, ProbedPeople } = openapi.components.schemas;
  const words = [...Matter.enum, ...CameraReason.enum].filter((word) => word !== "good") as Word[];
  test.each(["vi", "en"] as const)("every matter and reason is a sentence with its own mend, %s", (language) => {
    setLanguage(language);
    const all = words.map((word) => verdictWords({ ...GOOD, verdict: said(word) }));
    expect(new Set(all.map((one) => one.title)).size).toBe(words.length);
    expect(all.filter((one) => one.mend === "" || one.title.includes(m.reason_other()))).toEqual([]);
  });

  test("every class of IEC 62676-4 that the API tells has its word", () => {
    for (const iec of ProbedPeople.properties.iec.enum as NonNullable<CameraProbe["people"]>["iec"][]) {
      const people = { seen: 1, height: 0.1, stated: true, px: 9, px_per_m: 9, iec, detector_px: 9, reach: "never" } as const;
      expect(row({ ...GOOD, people }, "people")?.seen).toContain("IEC 62676-4");
    }
  });
});
