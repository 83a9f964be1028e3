/**
 * What the wall says while processes of a running wardwatch are killed:
 *
 *     node outage.ts URL USERNAME PASSWORD PROCESS…
 *
 * Signs in and waits until every tile shows a fresh picture. For each PROCESS it prints
 * `kill PROCESS`, whoever started this kills it and answers with a line, and the times run from
 * that line: until a tile says that its picture is gone, and until every tile is fresh again.
 * Prints `seen {…}` a process; exits 1 with the reason when the page kept silent.
 */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { drive } from "./browser.ts";
import { inTime, within } from "./limits.ts";
import { signIn } from "./sign-in.ts";

const READY_MS = 60_000;
const LIMIT_MS = 30_000;
const RUN_MS = 150_000;
const [url = "", username = "", password = "", ...processes] = process.argv.slice(2);

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

await drive(RUN_MS, watches);
process.stdin.destroy();

async function watches(browser: Browser): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await signIn(page, url, username, password);
  await page.locator("[data-camera]").first().waitFor();
  for (const name of processes) await outlives(page, name);
}

async function outlives(page: Page, name: string): Promise<void> {
  await within(READY_MS, "every tile is fresh", () => allFresh(page));
  console.log(`kill ${name}`);
  assert(!(await inTime(LIMIT_MS, "the answer", answers.next())).done, "nobody answered");
  const said_ms = await within(LIMIT_MS, `the page tells that ${name} is gone`, () => anyGone(page));
  const back_ms = said_ms + (await within(LIMIT_MS, "every tile is fresh again", () => allFresh(page)));
  console.log(`seen ${JSON.stringify({ process: name, said_ms, back_ms })}`);
}

/** Every picture is drawn from a frame of the last two seconds. */
async function allFresh(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const tiles = [...document.querySelectorAll("[data-camera]")];
    const fresh = (tile: Element): boolean => {
      const image = tile.querySelector<HTMLImageElement>("img[data-captured]");
      return image !== null && Date.now() - Number(image.dataset["captured"]) < 2000;
    };
    return tiles.length > 0 && tiles.every(fresh);
  });
}

/** A tile has taken its picture away and says so in its place. */
async function anyGone(page: Page): Promise<boolean> {
  return (await page.locator('[data-camera] [data-picture="lost"]').count()) > 0;
}
