/** How long: as a running clock, and in words. Durations are in milliseconds. */
import { language, m } from "../words/index.ts";

/** `00:42`, `12:05`, `1:02:03`; never negative. */
export function clockDuration(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const two = (value: number): string => String(value).padStart(2, "0");
  const rest = `${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** `00:10,4`, and `00:10.4` in English: for a clip, where a second is long. */
export function clockTenths(ms: number): string {
  const tenths = Math.max(0, Math.round(ms / 100));
  return `${clockDuration(tenths * 100)}${language() === "vi" ? "," : "."}${tenths % 10}`;
}

/** `22 giây`, `3 phút`, `5 giờ`: one unit, rounded down, for reading beside an absolute time. */
export function age(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 120) return m.seconds({ count: s });
  if (s < 7200) return m.minutes({ count: Math.floor(s / 60) });
  if (s < 172_800) return m.hours({ count: Math.floor(s / 3600) });
  return m.days({ count: Math.floor(s / 86_400) });
}

export function ago(ms: number): string {
  return m.ago({ age: age(ms) });
}
