/**
 * A phone becomes a camera, in a real browser with a made-up camera of its own:
 *
 *     node publish.ts URL USERNAME PASSWORD CAMERA
 *
 * An installer makes the QR code, a phone trades it and publishes, the record says that the camera
 * is online, the phone comes back by itself after a reload, a used code is refused, and a renewed
 * token ends it. Prints a line a step; exits 1 with the reason when one fails.
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { accessible } from "./accessible.ts";
import { drive } from "./browser.ts";
import { within } from "./limits.ts";

const [url = "", username = "", password = "", camera = ""] = process.argv.slice(2);
const WITHIN_MS = 20_000;
const RUN_MS = 100_000;

const SWITCHES = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  // The node of this test is reached at 127.0.0.1 only.
  "--allow-loopback-in-peer-connection",
];
const mishaps: string[] = [];
let installer: Page;
let phone: Page;

await drive(RUN_MS, pairsAPhone, { switches: SWITCHES, told });

async function pairsAPhone(browser: Browser): Promise<void> {
  const phones = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "vi-VN" });
  const desk = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "vi-VN" });
  installer = await desk.newPage();
  phone = await phones.newPage();
  for (const page of [installer, phone]) page.on("pageerror", (error) => mishaps.push(error.message));
  const path = await makesTheCode();
  await pairs(path);
  await publishes();
  await comesBackAfterReload();
  await refusesTheCodeOnceUsed(browser, path);
  await endsWithItsToken();
  assert.deepEqual(mishaps, [], "a page threw");
}

async function told(): Promise<string> {
  const shown = await phone.locator("main").textContent();
  return `phone: ${shown}\npage errors: ${mishaps.join(" | ") || "none"}`;
}

async function makesTheCode(): Promise<string> {
  const answer = await installer.request.post(`${url}/api/v1/session`, { data: { username, password } });
  assert.equal(answer.status(), 204, "the installer signs in");
  await installer.goto(`${url}/cameras/${camera}/pair`);
  const made = installer.waitForResponse((response) => response.url().endsWith("/pairings"));
  await installer.locator("main button").first().click();
  const { path } = (await (await made).json()) as { path: string };
  await installer.locator("main svg[role=img] path").waitFor();
  assert.match((await installer.locator("[role=timer]").textContent()) ?? "", /0[45]:\d\d/);
  await accessible(installer, "pairing");
  console.log("the installer shows a code");
  return path;
}

async function pairs(path: string): Promise<void> {
  await phone.goto(url + path);
  await phone.locator("main strong").first().waitFor();
  assert.equal(phone.url(), `${url}/publish`, "the code has left the address");
  assert.equal(await phone.locator("main p strong").first().textContent(), "Điện thoại cổng");
  await accessible(phone, "publish");
  console.log("the phone is paired");
}

async function publishes(): Promise<void> {
  await phone.locator("main button:has(svg)").first().click();
  await isPublishing(phone);
  await phone.waitForFunction(
    () => /\d+×\d+/.test(document.querySelector("[data-state=on]")?.textContent ?? ""),
    undefined,
    { timeout: WITHIN_MS },
  );
  await accessible(phone, "publishing");
  await stateBecomes("online");
  console.log("the camera is online");
}

async function comesBackAfterReload(): Promise<void> {
  await phone.reload();
  await isPublishing(phone);
  await stateBecomes("online");
  console.log("it comes back by itself");
}

async function refusesTheCodeOnceUsed(browser: Browser, path: string): Promise<void> {
  const another = await (await browser.newContext()).newPage();
  await another.goto(url + path);
  await another.locator("main", { hasText: "Mã sai, đã dùng hoặc đã hết hiệu lực" }).waitFor();
  await another.close();
  console.log("a used code is refused");
}

async function endsWithItsToken(): Promise<void> {
  const answer = await installer.request.post(`${url}/api/v1/cameras/${camera}/publish-token`);
  assert.equal(answer.status(), 201, "the token is renewed");
  await phone.locator("[data-state=paired_anew]").waitFor({ timeout: WITHIN_MS });
  await stateBecomes("offline");
  console.log("a renewed token ends it");
}

async function isPublishing(page: Page): Promise<void> {
  await page.locator("[data-state=on]").waitFor({ timeout: WITHIN_MS });
}

async function stateBecomes(wanted: string): Promise<void> {
  await within(WITHIN_MS, `the camera is ${wanted}`, async () => {
    const answer = await installer.request.get(`${url}/api/v1/cameras/${camera}`);
    return ((await answer.json()) as { state: string }).state === wanted;
  });
}
