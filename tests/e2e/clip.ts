/**
 * What is kept of a breach, in a real browser against a running API:
 *
 *     node clip.ts URL USERNAME PASSWORD BREACH LOST SHOTS
 *
 * Opens the page of BREACH and plays its clip to the end; opens that of LOST, of which nothing could
 * be kept. Prints `seen {…}`; exits 1 with the reason when a step fails.
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { drive } from "./browser.ts";
import { signIn } from "./sign-in.ts";

const [url = "", username = "", password = "", breach = "", lost = "", shots = "."] = process.argv.slice(2);
const RUN_MS = 90_000;

let page: Page | null = null;

await drive(RUN_MS, seesBoth, { told: pictured });

async function seesBoth(browser: Browser): Promise<void> {
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "vi-VN" })).newPage();
  await signIn(page, url, username, password);

  await page.goto(`${url}/breaches/${breach}`);
  const video = page.locator('video[data-evidence="clip"]');
  await video.waitFor({ timeout: 15_000 });
  await page.getByRole("button", { name: "Phát đoạn ghi" }).click();
  await page.waitForFunction(() => document.querySelector("video")?.ended === true, undefined, {
    timeout: 20_000,
  });
  const seen = await video.evaluate((element) => {
    if (!(element instanceof HTMLVideoElement)) throw new Error("no video");
    const { totalVideoFrames, droppedVideoFrames } = element.getVideoPlaybackQuality();
    return {
      fault: element.error?.message ?? null,
      width: element.videoWidth,
      height: element.videoHeight,
      seconds: element.currentTime,
      frames: totalVideoFrames,
      dropped: droppedVideoFrames,
    };
  });

  await page.goto(`${url}/breaches/${lost}`);
  const words = page.getByText("Không có đoạn ghi của vụ này: hết chỗ lưu chứng cứ.");
  await words.first().waitFor({ timeout: 15_000 });
  assert.equal(await page.locator("video").count(), 0, "something plays that was lost");
  await page.getByText("Không lưu được chứng cứ: hết chỗ lưu chứng cứ").waitFor({ timeout: 5000 });
  console.log(`seen ${JSON.stringify(seen)}`);
}

/** As it was when it failed. */
async function pictured(): Promise<string> {
  await page?.screenshot({ path: `${shots}/failed.png` });
  return `at ${page?.url()}; picture: ${shots}/failed.png`;
}
