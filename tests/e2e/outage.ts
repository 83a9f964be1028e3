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
import { launch } from "./browser.ts";

const READY_MS = 60_000;
const LIMIT_MS = 30_000;
const [url = "", username = "", password = "", ...processes] = process.argv.slice(2);

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });

try {
  await page.goto(url);
  await page.locator("input[name=username]").fill(username);
  await page.locator("input[name=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.waitForURL("**/wall");
  await page.locator("[data-camera]").first().waitFor();
  for (const name of processes) await outlives(name);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}

async function outlives(name: string): Promise<void> {
  await until(READY_MS, "every tile is fresh", allFresh);
  console.log(`kill ${name}`);
  assert(!(await answers.next()).done, "nobody answered");
  const from = performance.now();
  await until(LIMIT_MS, `the page tells that ${name} is gone`, anyGone);
  const said_ms = Math.round(performance.now() - from);
  await until(LIMIT_MS, "every tile is fresh again", allFresh);
  const back_ms = Math.round(performance.now() - from);
  console.log(`seen ${JSON.stringify({ process: name, said_ms, back_ms })}`);
}

/** Every picture is drawn from a frame of the last two seconds. */
async function allFresh(): Promise<boolean> {
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
async function anyGone(): Promise<boolean> {
  return (await page.locator('[data-camera] [data-picture="lost"]').count()) > 0;
}

async function until(limit: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  const from = performance.now();
  while (!(await holds())) {
    assert(performance.now() - from < limit, `${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
