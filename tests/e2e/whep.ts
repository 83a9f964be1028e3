/**
 * The enlarged camera, in a real browser against a running wardwatch:
 *
 *     node whep.ts URL USERNAME PASSWORD [--shots FOLDER]
 *
 * Enlarges a camera, sees its live view (WebRTC) play, unblurs it for a reason, blurs it again, and
 * after `kill cameras` (whoever started this kills them and answers with a line) sees the picture
 * go. Prints `seen {…}` with what was measured; exits 1 with the reason when a step fails.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { accessible } from "./accessible.ts";
import { drive } from "./browser.ts";
import { inTime, within } from "./limits.ts";
import { signIn } from "./sign-in.ts";

const RUN_MS = 90_000;
const WITHIN_MS = 15_000;
/** Of 10 a second, the time for a busy machine. */
const FRAMES = 10;
const PLAYS_MS = 2500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shots: { type: "string" } },
});
const [url = "", username = "", password = ""] = positionals;

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const mishaps: string[] = [];
let page: Page;

await drive(RUN_MS, watches, { switches: ["--allow-loopback-in-peer-connection"], told });
process.stdin.destroy();

async function watches(browser: Browser): Promise<void> {
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "vi-VN" })).newPage();
  page.on("pageerror", (error) => mishaps.push(error.message));
  await signIn(page, url, username, password);
  await page.locator("[data-camera] img[data-captured]").first().waitFor({ timeout: 30_000 });
  assert.equal(await page.locator("video").count(), 0, "something plays by itself on the wall");

  const opened_ms = await enlarges();
  await plays("live");
  await accessible(page, "enlarged");
  await shot("enlarged");
  await asksForReason();
  const clear_ms = await unblurs();
  await plays("clear");
  await shot("clear");
  await page.getByRole("button", { name: "Làm mờ lại" }).click();
  await page.locator('[data-picture="live"] video').waitFor({ timeout: 10_000 });
  console.log("kill cameras");
  assert(!(await inTime(WITHIN_MS, "the answer", answers.next())).done, "nobody answered");
  const gone_ms = await goes();
  await shot("gone");
  assert.deepEqual(mishaps, [], "the page threw");
  console.log(`seen ${JSON.stringify({ opened_ms, clear_ms, gone_ms })}`);
}

async function told(): Promise<string> {
  await shot("failed");
  return `page errors: ${mishaps.join(" | ") || "none"}`;
}

async function enlarges(): Promise<number> {
  const from = performance.now();
  await page.locator("[data-camera] button").first().click();
  await page.locator('[data-picture="live"] video').waitFor({ timeout: WITHIN_MS });
  return Math.round(performance.now() - from);
}

/** Frames go on arriving, and the picture on the screen changes. */
async function plays(which: "live" | "clear"): Promise<void> {
  const video = page.locator(`[data-picture="${which}"] video`);
  const frames = (): Promise<number> =>
    video.evaluate((element) => {
      if (!(element instanceof HTMLVideoElement)) throw new Error("no video");
      return element.getVideoPlaybackQuality().totalVideoFrames;
    });
  const before = await frames();
  const took = await within(PLAYS_MS, `${FRAMES} frames`, async () => (await frames()) - before >= FRAMES);
  assert(took < PLAYS_MS, `${FRAMES} frames took ${took} ms`);
}

async function asksForReason(): Promise<void> {
  await page.getByRole("button", { name: "Bỏ làm mờ" }).click();
  const dialog = page.getByRole("dialog").filter({ hasText: "nhật ký truy cập" }).last();
  await dialog.waitFor();
  await accessible(page, "unblur");
  await dialog.getByRole("button", { name: "Bỏ làm mờ" }).click();
  await dialog.getByRole("alert").waitFor();
  await shot("reason");
}

async function unblurs(): Promise<number> {
  await page.locator("textarea").fill("Có người ngã ở sân");
  const from = performance.now();
  await page.locator("textarea").locator("xpath=ancestor::form").getByRole("button", { name: "Bỏ làm mờ" }).click();
  await page.locator('[data-picture="clear"] video').waitFor({ timeout: WITHIN_MS });
  return Math.round(performance.now() - from);
}

async function goes(): Promise<number> {
  const from = performance.now();
  await page.locator('[data-picture="live"]').waitFor({ state: "detached", timeout: WITHIN_MS });
  return Math.round(performance.now() - from);
}

async function shot(name: string): Promise<void> {
  if (values.shots !== undefined) await page.screenshot({ path: join(values.shots, `${name}.png`) });
}
