/**
 * What is kept of a breach, in a real browser against a running API:
 *
 *     node clip.ts URL USERNAME PASSWORD BREACH LOST
 *
 * Opens the page of BREACH and plays its clip to the end; opens that of LOST, of which nothing could
 * be kept. Prints `seen {…}`; exits 1 with the reason when a step fails.
 */
import assert from "node:assert/strict";
import { launch } from "./browser.ts";

const [url = "", username = "", password = "", breach = "", lost = ""] = process.argv.slice(2);

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "vi-VN" });
const page = await context.newPage();

try {
  await page.goto(url);
  await page.locator("input[name=username]").fill(username);
  await page.locator("input[name=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.waitForURL("**/wall");

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
} catch (error) {
  await page.screenshot({ path: `${process.env["WARDWATCH_SHOTS"] ?? "."}/failed.png` }).catch(() => null);
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await browser.close();
}
