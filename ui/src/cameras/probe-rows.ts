/**
 * What a probe found, a row a step: how it is, what was seen, and what to do about it. Pure. The
 * server judges (`matters`); here its words find their rows.
 */
import type { CameraProbe, ProbedStream } from "../api/index.ts";
import { age } from "../time/index.ts";
import { aboutProbeWord, cameraMendWord, cameraReasonWord, m, probeMendWord } from "../words/index.ts";

/** `none`: a fact, neither good nor bad; `unknown`: not told, or not reached. */
export type Mark = "good" | "warn" | "bad" | "none" | "unknown";

export interface ProbeRow {
  readonly id: string;
  readonly name: string;
  readonly mark: Mark;
  readonly seen: string;
  /** The camera's own words, or the system's, in English; mostly empty. */
  readonly detail?: string;
  readonly mend: string;
}

/** One sentence with the mend in it, in the language of the page. */
export function verdictWords(probe: CameraProbe): { readonly title: string; readonly mend: string } {
  const { grade, word } = probe.verdict;
  if (grade === "good") return { title: m.probe_good(), mend: "" };
  const says = aboutProbeWord(word);
  const title = grade === "unusable" ? m.probe_unusable({ says }) : m.probe_usable({ says });
  return { title, mend: probeMendWord(word) };
}

export function rowsOf(probe: CameraProbe): readonly ProbeRow[] {
  const rows = [
    reached(probe),
    ...streamsOf(probe).flatMap((stream) => pictureRows(probe, stream)),
    clock(probe),
    sound(probe),
    people(probe),
    maker(probe),
  ];
  return rows.filter((row) => row !== null);
}

export function countOf(rows: readonly ProbeRow[], mark: Mark): number {
  return rows.filter((row) => row.mark === mark).length;
}

const streamsOf = (probe: CameraProbe): readonly ProbedStream[] =>
  probe.sub === null ? [probe.main] : [probe.main, probe.sub];

function reached({ main }: CameraProbe): ProbeRow {
  const { reachable, reason, detail } = main;
  return {
    id: "reach",
    name: m.probe_reach(),
    mark: reachable ? "good" : "bad",
    seen: reachable || reason === null ? m.probe_reached() : cameraReasonWord(reason),
    detail: reachable ? "" : detail,
    mend: reachable || reason === null ? "" : cameraMendWord(reason),
  };
}

/** Of one stream; after a refusal only how far it came. */
function pictureRows(probe: CameraProbe, stream: ProbedStream): readonly ProbeRow[] {
  const beside = stream.stream === "sub";
  const named = (name: string): string => (beside ? m.probe_of_sub({ name }) : name);
  const row = (id: string, name: string, mark: Mark, seen: string, word = ""): ProbeRow => ({
    id: `${stream.stream}-${id}`,
    name: named(name),
    mark,
    seen,
    mend: word === "" ? "" : probeMendWord(word),
  });
  const judged = (id: string, name: string, seen: string | null, word: string): ProbeRow => {
    const matter = probe.matters.some((one) => one.word === word);
    const mark = seen === null ? "unknown" : matter && concerns(probe, stream, word) ? "warn" : "good";
    return row(id, name, mark, seen ?? m.unknown(), mark === "warn" ? word : "");
  };
  if (!stream.reachable && !beside) return [];
  const { reason, codec, width, height } = stream;
  const rows = [signIn(probe, stream, row)];
  if (reason !== null) {
    if (reason === "auth_failed") return rows;
    const picture = row("picture", m.probe_picture(), "bad", cameraReasonWord(reason), reason);
    return [...rows, { ...picture, detail: stream.detail }];
  }
  const size = width === null || height === null ? m.unknown() : `${width}×${height}`;
  return [
    ...rows,
    row("codec", m.probe_codec(), codec === null ? "unknown" : "good", codecName(codec)),
    judged("size", m.probe_size(), width === null ? null : size, "no_sub_stream"),
    judged("rate", m.probe_rate(), rateOf(stream), "slow"),
    judged("keyframe", m.probe_keyframe(), keyframesOf(stream), "rare_keyframes"),
    row("bits", m.probe_bits(), stream.kbit_per_s === null ? "unknown" : "none", bitsOf(stream)),
    judged("loss", m.probe_loss(), lossOf(stream), "loss"),
  ];
}

/** A matter is one of the stream that the detector looks at, unless it can only be the main one's. */
function concerns(probe: CameraProbe, stream: ProbedStream, word: string): boolean {
  if (word === "no_sub_stream") return stream.stream === "main";
  if (word === "loss") return (stream.loss ?? 0) === Math.max(...streamsOf(probe).map((one) => one.loss ?? 0));
  return stream === (probe.sub ?? probe.main);
}

type Row = (id: string, name: string, mark: Mark, seen: string, word?: string) => ProbeRow;

function signIn(probe: CameraProbe, stream: ProbedStream, row: Row): ProbeRow {
  const line = stream.encrypted ? m.probe_line_encrypted() : m.probe_line_readable();
  const name = m.probe_sign_in();
  switch (stream.sign_in) {
    case "refused":
      return row("sign-in", name, "bad", cameraReasonWord("auth_failed"), "auth_failed");
    case "unknown":
      return row("sign-in", name, "unknown", m.unknown());
    case "open":
      return row("sign-in", name, "none", `${m.probe_sign_in_open()}, ${line}`);
    default: {
      const how = stream.sign_in === "basic" ? m.probe_sign_in_basic() : m.probe_sign_in_digest();
      const bare = stream.stream === "main" && probe.matters.some((one) => one.word === "bare_password");
      return row("sign-in", name, bare ? "warn" : "good", `${how}, ${line}`, bare ? "bare_password" : "");
    }
  }
}

function clock(probe: CameraProbe): ProbeRow | null {
  const { main, device } = probe;
  if (main.reason !== null) return null;
  const ahead = main.clock_ahead_s ?? device?.clock_ahead_s ?? null;
  const wrong = probe.matters.some((one) => one.word === "clock_skewed");
  const known = main.clock === "agrees" || ahead !== null;
  const name = m.probe_clock();
  if (!known) return { id: "clock", name, mark: "unknown", seen: m.unknown(), mend: "" };
  if (!wrong || ahead === null) return { id: "clock", name, mark: "good", seen: m.probe_clock_right(), mend: "" };
  const by = age(Math.abs(ahead) * 1000);
  const seen = ahead > 0 ? m.probe_clock_fast({ by }) : m.probe_clock_slow({ by });
  return { id: "clock", name, mark: "warn", seen, mend: cameraMendWord("clock_skewed") };
}

function sound({ main }: CameraProbe): ProbeRow | null {
  if (!main.tracks_known) return null;
  const { audio } = main;
  return audio === null
    ? { id: "sound", name: m.probe_sound(), mark: "good", seen: m.probe_sound_none(), mend: "" }
    : { id: "sound", name: m.probe_sound(), mark: "none", seen: codecName(audio), mend: m.probe_sound_mend() };
}

const CLASSES = {
  none: m.probe_iec_none,
  detect: m.probe_iec_detect,
  observe: m.probe_iec_observe,
  recognise: m.probe_iec_recognise,
  identify: m.probe_iec_identify,
} as const;

/** Whether somebody that far away is large enough. */
function people(probe: CameraProbe): ProbeRow | null {
  const { people: found, main } = probe;
  if (main.reason !== null) return null;
  const name = m.probe_people();
  if (found === null) return { id: "people", name, mark: "unknown", seen: m.probe_people_none(), mend: m.probe_people_mend() };
  const word = found.reach === "never" ? "too_small" : found.reach === "sometimes" ? "small" : "";
  const seen = m.probe_people_seen({ px: Math.round(found.px), px_per_m: Math.round(found.px_per_m), iec: CLASSES[found.iec]() });
  const mark = word === "" ? "good" : word === "small" ? "warn" : "bad";
  return { id: "people", name, mark, seen, mend: word === "" ? "" : probeMendWord(word) };
}

function maker({ maker: known, device }: CameraProbe): ProbeRow | null {
  const seen = device === null ? known : `${device.manufacturer} ${device.model}`.trim();
  if (seen === null || seen === "") return null;
  return { id: "maker", name: m.probe_maker(), mark: "none", seen, mend: "" };
}

/** As people write it: "H.264", "AAC". */
function codecName(codec: string | null): string {
  if (codec === null) return m.unknown();
  return codec === "hevc" ? "H.265" : codec.toUpperCase().replace(/^H(26\d)$/, "H.$1");
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

function rateOf({ frames_per_s: rate, announced_frames_per_s: announced }: ProbedStream): string | null {
  if (rate === null) return null;
  const measured = m.camera_per_s({ rate: rounded(rate) });
  const differs = announced !== null && Math.abs(announced - rate) > 1;
  return differs ? m.probe_rate_announced({ measured, announced: rounded(announced) }) : measured;
}

function keyframesOf({ keyframe_s: apart, seconds }: ProbedStream): string | null {
  if (apart !== null) return m.probe_keyframe_every({ seconds: rounded(apart) });
  return seconds > 0 ? m.probe_keyframe_rarer({ seconds: rounded(seconds) }) : null;
}

function bitsOf({ kbit_per_s: rate }: ProbedStream): string {
  return rate === null ? m.unknown() : m.camera_kbit({ rate: Math.round(rate) });
}

function lossOf({ loss }: ProbedStream): string | null {
  return loss === null ? null : m.camera_share({ share: rounded(loss * 100) });
}
