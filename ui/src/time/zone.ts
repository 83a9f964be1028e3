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

/** The value of an `<input type="datetime-local">` for an instant, in the site's zone. */
export function toLocalInput(at: number, zone: string): string {
  const p = partsIn(at, zone);
  return `${p.year}-${two(p.month)}-${two(p.day)}T${two(p.hour)}:${two(p.minute)}`;
}

/**
 * The instant that a `datetime-local` value means in the zone; null when it is no time. Where the
 * clocks go back and the time exists twice, either may result.
 */
export function fromLocalInput(value: string, zone: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(value);
  if (match === null) return null;
  const [year, month, day, hour, minute] = match.slice(1).map(Number);
  const wall = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
  const offsetAt = (at: number): number => {
    const p = partsIn(at, zone);
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - at;
  };
  const guess = wall - offsetAt(wall);
  return wall - offsetAt(guess);
}
