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
import { accessible } from "./accessible.ts";
import { launch } from "./browser.ts";

/** A breach opens within 20 s of `ready`; the sample scenes repeat within a minute. */
const BREACH_WITHIN_MS = 90_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shots: { type: "string" } },
});
const [url = "", username = "", password = ""] = positionals;

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "vi-VN" });
const page = await context.newPage();
const mishaps: string[] = [];
page.on("pageerror", (error) => mishaps.push(error.message));
await page.addInitScript(noteWhenBreachesAppear);

try {
  await refusesWrongPassword();
  await signIn();
  const known = await openIds();
  await seesPictureMove();
  const arrived = await seesBreachArrive(known);
  const acknowledged = await acknowledgesByKey();
  await sharesOneStream();
  await findsItInHistoryAfterReload(acknowledged);
  assert.deepEqual(mishaps, [], "the page threw");
  console.log(`seen ${JSON.stringify({ arrived_ms: arrived.ms, breach: arrived.id, acknowledged })}`);
} catch (error) {
  await page.screenshot({ path: join(values.shots ?? ".", "failed.png") }).catch(() => null);
  console.error(error instanceof Error ? error.message : error);
  console.error(`at ${page.url()}; page errors: ${mishaps.join(" | ") || "none"}`);
  process.exitCode = 1;
} finally {
  await browser.close();
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

async function signIn(): Promise<void> {
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
  for (let tries = 0; ; tries += 1) {
    await page.waitForTimeout(500);
    const [later, next] = (await pixels()).split(" ");
    if (Number(later) > Number(time) && next !== first) break;
    assert(tries < 30, "the picture did not change in 15 s");
  }
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
    await page.waitForTimeout(2500);
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
  await second.waitForTimeout(7000); // longer than a tick
  assert.equal(streams, 0, "the second tab opened a stream of its own");
  assert.equal(await second.locator("header b").count(), 1, "the second tab has the time of its data");
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
