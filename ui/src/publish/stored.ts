/**
 * What this phone was paired with. The code comes in the address behind `#`, which reaches no server
 * and no log, and is taken out of it before anything else; the token it is traded for stays in this
 * browser, so that the phone comes back by itself after a restart, and goes nowhere else.
 */
import * as v from "valibot";

const KEY = "wardwatch.publish";
const Stored = v.object({
  token: v.string(),
  path: v.string(),
  camera: v.string(),
  cameraName: v.string(),
  siteName: v.string(),
  facing: v.fallback(v.picklist(["environment", "user"]), "environment"),
  /** It was publishing when the page was left: it goes on by itself. */
  on: v.fallback(v.boolean(), false),
});
export type Pairing = Readonly<v.InferOutput<typeof Stored>>;
export type Facing = Pairing["facing"];

/** The code in the address, once: what is seen, shared or restored afterwards holds none. */
export function takeCode(location: Location, history: History): string | null {
  const code = decodeURIComponent(location.hash.slice(1)).trim();
  if (code === "") return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

export function load(storage: Storage = localStorage): Pairing | null {
  try {
    const text = storage.getItem(KEY);
    return text === null ? null : v.parse(Stored, JSON.parse(text));
  } catch {
    return null; // refused or spoilt: the phone is to be paired anew
  }
}

/** False: this browser keeps nothing, so the pairing lasts as long as the page. */
export function save(pairing: Pairing, storage: Storage = localStorage): boolean {
  try {
    storage.setItem(KEY, JSON.stringify(pairing));
    return true;
  } catch {
    return false;
  }
}

export function forget(storage: Storage = localStorage): void {
  try {
    storage.removeItem(KEY);
  } catch {
    // nothing was kept
  }
}
