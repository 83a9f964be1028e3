/** Chromium from npm, started so that it also runs as root and in a container. */
import chromium from "@sparticuz/chromium";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromium as playwright, type Browser } from "playwright-core";
import { endAfter, inTime } from "./limits.ts";

const QUIET = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--autoplay-policy=user-gesture-required",
  "--font-render-hinting=none",
];
const UNPACKED = join(import.meta.dirname, "node_modules", ".chromium");
const LAUNCH_MS = 60_000;
const CLOSE_MS = 10_000;

/** `more`: further switches of the browser. */
export async function launch(more: readonly string[] = []): Promise<Browser> {
  return playwright.launch({
    executablePath: await unpacked(),
    args: [...QUIET, ...more],
    headless: true,
    timeout: LAUNCH_MS,
  });
}

/**
 * Runs `act` with a browser, for `limitMs` at most: prints why it failed, then the exit code is 1.
 * `told` says more of what stood on the screen then.
 */
export async function drive(
  limitMs: number,
  act: (browser: Browser) => Promise<void>,
  { switches = [], told }: { readonly switches?: readonly string[]; readonly told?: () => Promise<string> } = {},
): Promise<void> {
  endAfter(limitMs + LAUNCH_MS + CLOSE_MS);
  const browser = await launch(switches);
  try {
    await inTime(limitMs, "all of it", act(browser));
  } catch (error) {
    console.error(wordsOf(error));
    if (told !== undefined) console.error(await inTime(CLOSE_MS, "what is on the screen", told()).catch(wordsOf));
    process.exitCode = 1;
  } finally {
    await inTime(CLOSE_MS, "closing the browser", browser.close()).catch((error: unknown) => console.error(wordsOf(error)));
  }
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Where the browser lies, unpacked by the first who needs it. The package itself writes into the
 * folder for temporary files and takes what lies there already, be it half written by another run:
 * here each unpacks for itself, and what is whole is given its name.
 */
async function unpacked(): Promise<string> {
  if (!existsSync(UNPACKED)) {
    const mine = mkdtempSync(`${UNPACKED}-`);
    const temporary = process.env["TMPDIR"];
    process.env["TMPDIR"] = mine;
    await chromium.executablePath();
    if (temporary === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = temporary;
    keep(mine);
  }
  return join(UNPACKED, "chromium");
}

function keep(mine: string): void {
  try {
    renameSync(mine, UNPACKED);
  } catch (error) {
    rmSync(mine, { recursive: true });
    if (!existsSync(UNPACKED)) throw error; // else another run was first
  }
}
