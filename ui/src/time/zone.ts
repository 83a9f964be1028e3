/**
 * Times as people at the site read them: in the site's zone, `HH:mm:ss dd/MM/yyyy` (English: `24
 * Nov 2026`), put together from parts. `dateStyle` is never used: it differs between browsers.
 * Instants are milliseconds since 1970.
 */
import { language, m } from "../words/index.ts";

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, made);
  return made;
}

export function partsIn(at: number, zone: string): Parts {
  const found = new Map<string, number>();
  for (const part of format(zone).formatToParts(at)) found.set(part.type, Number(part.value));
  const get = (name: string): number => found.get(name) ?? 0;
  return {
    year: get("year"),
    month: get("month"),
    day: get("day"),
    hour: get("hour"),
    minute: get("minute"),
    second: get("second"),
  };
}

const two = (value: number): string => String(value).padStart(2, "0");

/** `03:12:40` */
export function clock(at: number, zone: string): string {
  const p = partsIn(at, zone);
  return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

/** `24/11`, in English `24 Nov` */
export function dayMonth(at: number, zone: string): string {
  const p = partsIn(at, zone);
  return language() === "vi" ? `${two(p.day)}/${two(p.month)}` : `${p.day} ${MONTHS[p.month - 1] ?? ""}`;
}

function date(p: Parts): string {
  return language() === "vi"
    ? `${two(p.day)}/${two(p.month)}/${p.year}`
    : `${p.day} ${MONTHS[p.month - 1] ?? ""} ${p.year}`;
}

/** `03:12:18 24/11/2026`, in English `03:12:18 24 Nov 2026` */
export function stamp(at: number, zone: string): string {
  return `${clock(at, zone)} ${date(partsIn(at, zone))}`;
}

/**
 * When an order's last moment is, as one says it: an order to midnight holds "to the end of" the
 * day before, anything else "until" its time.
 */
export function until(at: number, zone: string): string {
  const p = partsIn(at, zone);
  if (p.hour === 0 && p.minute === 0 && p.second === 0) {
    return m.until_end_of_day({ date: dayMonth(at - 1000, zone) });
  }
  return m.until_time({ time: `${two(p.hour)}:${two(p.minute)} ${dayMonth(at, zone)}` });
}

/** As an order says it: "13 giờ 30 ngày 24 tháng 11 năm 2026". */
export function orderTime(at: number, zone: string): string {
  const p = partsIn(at, zone);
  const month = language() === "vi" ? String(p.month) : (MONTHS[p.month - 1] ?? "");
  const date = { hour: String(p.hour), day: String(p.day), month, year: String(p.year) };
  return p.minute === 0 ? m.order_time(date) : m.order_time_minutes({ ...date, minute: two(p.minute) });
}

/** `03:15 22/11/2026`, in both languages: what a time field shows and takes. */
export function toField(at: number, zone: string): string {
  const p = partsIn(at, zone);
  return `${two(p.hour)}:${two(p.minute)} ${two(p.day)}/${two(p.month)}/${p.year}`;
}

const FIELD = /^(?:(\d{1,2})[:hg](\d\d)?)?\s*(?:(\d{1,2})\/(\d{1,2})(?:\/(\d{4}))?)?$/;

/**
 * The instant that a time field means in the zone; null when it means none. The time may be left
 * out (0:00), and so may the date (that of `now`) or its year. Where the clocks go back and the
 * time exists twice, either may result.
 */
export function fromField(text: string, zone: string, now: number): number | null {
  const match = FIELD.exec(text.trim());
  if (match === null || text.trim() === "") return null;
  const today = partsIn(now, zone);
  const [hour = 0, minute = 0, day = today.day, month = today.month, year = today.year] = match
    .slice(1)
    .map((part: string | undefined) => (part === undefined ? undefined : Number(part)));
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  const made = new Date(wall);
  if (made.getUTCDate() !== day || made.getUTCMonth() !== month - 1 || hour > 23 || minute > 59) {
    return null;
  }
  const offsetAt = (at: number): number => {
    const p = partsIn(at, zone);
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - at;
  };
  const guess = wall - offsetAt(wall);
  return wall - offsetAt(guess);
}
