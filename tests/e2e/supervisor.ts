/**
 * A supervisor's first minutes, in a real browser against a running wardwatch:
 *
 *     node supervisor.ts URL USERNAME PASSWORD [--shots FOLDER]
 *
 * Signs in, sees a tile's picture move, sees a breach arrive, acknowledges it with the A key and
 * finds it in the history after a reload. axe-core goes over each page on the way. Prints a line a
 * step and, last, `seen {…}` with what was measured; exits 1 with the reason when a step fails.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { accessible } from "./accessible.ts";
import { drive } from "./browser.ts";
import { within } from "./limits.ts";

/** A breach opens within 20 s of `ready`; the sample scenes repeat within a minute. */
const BREACH_WITHIN_MS = 90_000;
const RUN_MS = 170_000;
const SOON_MS = 15_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shots: { type: "string" } },
});
const [url = "", username = "", password = ""] = positionals;

const mishaps: string[] = [];
let context: BrowserContext;
let page: Page;

await drive(RUN_MS, standsWatch, { told });

async function standsWatch(browser: Browser): Promise<void> {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "vi-VN" });
  page = await context.newPage();
  page.on("pageerror", (error) => mishaps.push(error.message));
  await page.addInitScript(noteWhenBreachesAppear);
  await refusesWrongPassword();
  await signsIn();
  const known = await openIds();
  await seesPictureMove();
  const arrived = await seesBreachArrive(known);
  const acknowledged = await acknowledgesByKey();
  await sharesOneStream();
  await findsItInHistoryAfterReload(acknowledged);
  assert.deepEqual(mishaps, [], "the page threw");
  console.log(`seen ${JSON.stringify({ arrived_ms: arrived.ms, breach: arrived.id, acknowledged })}`);
}

async function told(): Promise<string> {
  await page.screenshot({ path: join(values.shots ?? ".", "failed.png") });
  return `at ${page.url()}; picture: ${values.shots ?? "."}/failed.png; page errors: ${mishaps.join(" | ") || "none"}`;
}

async function refusesWrongPassword(): Promise<void> {
  await page.goto(url);
  await page.locator("input[name=username]").fill(username);
  await page.locator("input[name=password]").fill(`${password}-wrong`);
  await page.locator("button[type=submit]").click();
  await page.locator("form [role=alert]").waitFor();
  assert.equal(await page.locator("input[name=password]").inputValue(), "", "the field is emptied");
  await accessible(page, "sign-in");
  console.log("a wrong password is refused");
}

async function signsIn(): Promise<void> {
  await page.locator("input[name=password]").fill(password);
  await page.locator("button[type=submit]").click();
  await page.waitForURL("**/wall");
  await page.locator("[data-camera]").first().waitFor();
  console.log("signed in");
}

async function openIds(): Promise<ReadonlySet<string>> {
  const answer = await page.request.get(`${url}/api/v1/breaches?limit=500`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  return new Set(items.map((one) => one.id));
}

async function seesPictureMove(): Promise<void> {
  const image = page.locator("[data-camera] img[data-captured]").first();
  await image.waitFor({ timeout: 30_000 });
  const camera = await image.evaluate(
    (element) => element.closest<HTMLElement>("[data-camera]")?.dataset["camera"] ?? "",
  );
  const pixels = (): Promise<string> =>
    page.locator(`[data-camera="${camera}"] img[data-captured]`).evaluate((element) => {
      if (!(element instanceof HTMLImageElement)) throw new Error("the picture is no image");
      const canvas = document.createElement("canvas");
      canvas.width = element.naturalWidth;
      canvas.height = element.naturalHeight;
      canvas.getContext("2d")?.drawImage(element, 0, 0);
      return `${element.dataset["captured"]} ${canvas.toDataURL()}`;
    });
  const [time, first] = (await pixels()).split(" ");
  await within(SOON_MS, "another picture", async () => {
    const [later, next] = (await pixels()).split(" ");
    return Number(later) > Number(time) && next !== first;
  });
  console.log("a tile's picture moves");
}

async function seesBreachArrive(known: ReadonlySet<string>): Promise<{ id: string; ms: number }> {
  const found = await page.waitForFunction(
    (before) => Object.entries(globalThis.breachesSeen).find(([id]) => !before.includes(id)) ?? null,
    [...known],
    { timeout: BREACH_WITHIN_MS, polling: 50 },
  );
  const [id, at] = (await found.jsonValue()) ?? ["", 0];
  const answer = await page.request.get(`${url}/api/v1/breaches/${id}`);
  const breach = (await answer.json()) as { opened_at: string; decided_at: string | null };
  const ms = at - Date.parse(breach.decided_at ?? breach.opened_at);
  await accessible(page, "wall");
  if (values.shots !== undefined) await page.screenshot({ path: join(values.shots, "wall.png") });
  console.log(`a breach arrived, ${ms} ms after the frame that decided it`);
  return { id, ms };
}

/** The breach at hand, or in a flood the group at hand, which asks first. */
async function acknowledgesByKey(): Promise<string> {
  await page.waitForTimeout(600); // A takes only what was shown for 0.4 s
  const answered = page.waitForResponse((response) => response.url().endsWith("/acknowledge"));
  await page.locator("body").press("a");
  const ask = page.locator("dialog[open] [data-first]");
  if (await ask.isVisible().catch(() => false)) await ask.press("Enter");
  const response = await answered;
  assert.equal(response.status(), 200, "the acknowledgement was taken");
  const id = /breaches\/([^/]+)\/acknowledge/.exec(response.url())?.[1] ?? "";
  await page.goto(`${url}/breaches/${id}`);
  await page.locator('[data-state="acknowledged"]').waitFor();
  await accessible(page, "breach");
  if (values.shots !== undefined) {
    await page.screenshot({ path: join(values.shots, "breach.png") });
  }
  console.log("acknowledged with the A key");
  return id;
}

/** Two tabs, one event stream: the second listens to the first, and takes over when it closes. */
async function sharesOneStream(): Promise<void> {
  const second = await context.newPage();
  let streams = 0;
  second.on("request", (request) => {
    if (request.url().includes("/events/stream")) streams += 1;
  });
  await second.goto(`${url}/wall`);
  await second.locator("[data-camera]").first().waitFor();
  const asOf = second.locator("header b");
  const before = await asOf.textContent();
  await within(SOON_MS, "the second tab hears a tick", async () => (await asOf.textContent()) !== before);
  assert.equal(streams, 0, "the second tab opened a stream of its own");
  await page.goto("about:blank");
  await second.waitForRequest((request) => request.url().includes("/events/stream"), { timeout: 15_000 });
  await second.close();
  await page.goto(`${url}/wall`);
  console.log("two tabs share one stream");
}

async function findsItInHistoryAfterReload(id: string): Promise<void> {
  await page.reload();
  await page.locator('nav a[href="/breaches"]').first().click();
  const row = page.locator(`tr[data-breach="${id}"]`);
  await row.waitFor();
  assert.equal(await row.getAttribute("data-state"), "acknowledged");
  await accessible(page, "history");
  if (values.shots !== undefined) await page.screenshot({ path: join(values.shots, "history.png") });
  console.log("in the history after a reload");
}

/** Runs in the page: when each breach was first drawn, by this computer's clock. */
function noteWhenBreachesAppear(): void {
  globalThis.breachesSeen = {};
  const look = (): void => {
    for (const tile of document.querySelectorAll<HTMLElement>("[data-newest]")) {
      globalThis.breachesSeen[tile.dataset["newest"] ?? ""] ??= Date.now();
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
}

declare global {
  var breachesSeen: Record<string, number>;
}
