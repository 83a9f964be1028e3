import { describe, expect, test } from "vitest";
import { after } from "../src/publish/keep.ts";
import { forget, load, save, takeCode, type Pairing } from "../src/publish/stored.ts";

const PAIRING: Pairing = {
  token: "wwp_x",
  path: "/api/v1/cameras/c/whip",
  camera: "c",
  cameraName: "Cổng",
  siteName: "KTX",
  facing: "environment",
  on: true,
};

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    clear: () => kept.clear(),
    key: () => null,
    get length() {
      return kept.size;
    },
  };
}

function address(hash: string) {
  const replaced: string[] = [];
  const location = { hash, pathname: "/publish", search: "" } as Location;
  const history = {
    state: null,
    replaceState: (_state: unknown, _title: string, url: string) => void replaced.push(url),
  } as unknown as History;
  return { location, history, replaced };
}

describe("a pairing code in the address", () => {
  test("is taken out of it at once", () => {
    const { location, history, replaced } = address("#abc-DEF_123");
    expect(takeCode(location, history)).toBe("abc-DEF_123");
    expect(replaced).toEqual(["/publish"]);
  });

  test("may be missing", () => {
    const { location, history, replaced } = address("");
    expect(takeCode(location, history)).toBeNull();
    expect(replaced).toEqual([]);
  });
});

describe("a pairing", () => {
  test("is kept in this browser until it is forgotten", () => {
    const kept = storage();
    expect(load(kept)).toBeNull();
    expect(save(PAIRING, kept)).toBe(true);
    expect(load(kept)).toEqual(PAIRING);
    forget(kept);
    expect(load(kept)).toBeNull();
  });

  test("that is spoilt is none", () => {
    const kept = storage();
    kept.setItem("wardwatch.publish", "{}");
    expect(load(kept)).toBeNull();
  });

  test("lasts as long as the page where nothing may be kept", () => {
    const refusing = { ...storage(), setItem: () => { throw new Error("refused"); } };
    expect(save(PAIRING, refusing)).toBe(false);
  });
});

describe("after a publication has ended", () => {
  test("a lost connection is tried again, more and more slowly", () => {
    expect(after({ kind: "lost" }, 0, 0)).toEqual({ kind: "again", inMs: 250 });
    expect(after({ kind: "lost" }, 20, 1)).toEqual({ kind: "again", inMs: 10_000 });
  });

  test("a token that holds no longer is not tried again", () => {
    expect(after({ kind: "refused", refusal: { kind: "token" } }, 0, 0)).toEqual({ kind: "paired_anew" });
  });

  test.each([
    ["taken", 2500],
    ["busy", 3000],
  ] as const)("%s is given the time it takes", (kind, least) => {
    expect(after({ kind: "refused", refusal: { kind } }, 0, 0)).toEqual({ kind: "again", inMs: least });
  });
});
