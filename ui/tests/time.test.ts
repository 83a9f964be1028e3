import { afterEach, describe, expect, test } from "vitest";
import { age, ago, clock, clockDuration, clockTenths, dayMonth, fromField, orderTime, stamp, toField, until } from "../src/time/index.ts";
import { setLanguage, show } from "../src/words/index.ts";

const ZONE = "Asia/Ho_Chi_Minh";
const AT = Date.parse("2026-11-23T20:12:18.400Z"); // 03:12:18 on the 24th in the zone
afterEach(() => setLanguage("vi"));

describe("in the site's zone", () => {
  test("Vietnamese", () => {
    expect(clock(AT, ZONE)).toBe("03:12:18");
    expect(stamp(AT, ZONE)).toBe("03:12:18 24/11/2026");
    expect(dayMonth(AT, ZONE)).toBe("24/11");
  });

  test("English", () => {
    setLanguage("en");
    expect(stamp(AT, ZONE)).toBe("03:12:18 24 Nov 2026");
    expect(dayMonth(AT, ZONE)).toBe("24 Nov");
  });

  test("midnight is 00, not 24", () => {
    expect(clock(Date.parse("2026-11-23T17:00:00Z"), ZONE)).toBe("00:00:00");
  });
});

describe("orders", () => {
  test("to midnight is to the end of the day before", () => {
    expect(until(Date.parse("2026-11-27T17:00:00Z"), ZONE)).toBe("đến hết 27/11");
    expect(until(Date.parse("2026-11-27T06:30:00Z"), ZONE)).toBe("đến 13:30 27/11");
  });

  test("are told in words", () => {
    expect(orderTime(Date.parse("2026-11-24T06:30:00Z"), ZONE)).toBe("13 giờ 30 ngày 24 tháng 11 năm 2026");
    expect(orderTime(Date.parse("2026-11-20T17:00:00Z"), ZONE)).toBe("0 giờ ngày 21 tháng 11 năm 2026");
  });
});

describe("durations", () => {
  test.each([
    [0, "00:00"],
    [-5, "00:00"],
    [42_900, "00:42"],
    [725_000, "12:05"],
    [3_723_000, "1:02:03"],
  ])("%i ms run as %s", (ms, text) => expect(clockDuration(ms)).toBe(text));

  test.each([
    [0, "00:00,0"],
    [10_449, "00:10,4"],
    [59_960, "01:00,0"],
  ])("%i ms of a clip read %s", (ms, text) => expect(clockTenths(ms)).toBe(text));

  test("in words, one unit, rounded down", () => {
    expect(age(22_900)).toBe("22 giây");
    expect(age(180_000)).toBe("3 phút");
    expect(age(3 * 3_600_000)).toBe("3 giờ");
    expect(age(3 * 86_400_000)).toBe("3 ngày");
    expect(ago(22_000)).toBe("22 giây trước");
    setLanguage("en");
    expect(age(86_400_000 * 2)).toBe("2 days");
  });
});

describe("a time field", () => {
  test.each([
    ["03:12 24/11/2026", "2026-11-23T20:12:00.000Z"],
    ["24/11/2026", "2026-11-23T17:00:00.000Z"],
    ["24/11", "2026-11-23T17:00:00.000Z"],
    ["3h15", "2026-11-23T20:15:00.000Z"],
    ["3g", "2026-11-23T20:00:00.000Z"],
    ["03:12 1/2", "2026-01-31T20:12:00.000Z"],
  ])("%s", (text, instant) => {
    expect(new Date(fromField(text, ZONE, AT) ?? 0).toISOString()).toBe(instant);
  });

  test.each(["", "soon", "25:00 24/11/2026", "03:60", "31/2/2026", "11/24/2026", "2026-11-24"])(
    "%j is no time",
    (text) => expect(fromField(text, ZONE, AT)).toBeNull(),
  );

  test("shows what it takes, to the minute", () => {
    const minute = Date.parse("2026-11-23T20:12:00Z");
    expect(toField(minute, ZONE)).toBe("03:12 24/11/2026");
    expect(fromField(toField(minute, ZONE), ZONE, 0)).toBe(minute);
  });

  test("where the clocks change it still comes back to the same hour", () => {
    const berlin = "Europe/Berlin";
    for (const instant of ["2026-03-29T03:30:00Z", "2026-10-25T12:00:00Z", "2026-07-01T00:00:00Z"]) {
      const time = Date.parse(instant);
      expect(fromField(toField(time, berlin), berlin, 0)).toBe(time);
    }
  });
});

test("numbers are written as the language writes them", () => {
  expect(show(12_345.6)).toBe("12.345,6");
  setLanguage("en");
  expect(show(12_345.6)).toBe("12,345.6");
});
