/**
 * Pictures of the screens in every state worth looking at, over the fixture server:
 * `node screenshots.ts OUT [--frames FOLDER] [--only NAME]`.
 */
import { mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { fixture } from "../../ui/dev/server.ts";
import type { Scene } from "../../ui/dev/world.ts";
import { launch } from "./browser.ts";

interface Shot {
  readonly name: string;
  readonly scene: Scene;
  readonly path: string;
  readonly size?: readonly [number, number];
  readonly language?: "vi" | "en";
  readonly scheme?: "light" | "dark";
  readonly signedIn?: boolean;
  /** Brings the page to the state to be seen; `url` is the server's. */
  readonly before?: (page: Page, url: string) => Promise<void>;
}

const DESK = [1440, 900] as const;
const PHONE = [390, 844] as const;

const armed = async (page: Page): Promise<void> => {
  const button = page.locator("[data-arm]");
  await button.click({ timeout: 1500 }).catch(() => null);
};
const wait = (ms: number) => (page: Page) => page.waitForTimeout(ms);

async function firstBreach(page: Page, url: string): Promise<void> {
  const answer = await page.request.get(`${url}/api/v1/breaches?limit=1`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  await page.goto(`${url}/breaches/${items[0]?.id ?? ""}`);
  await armed(page);
  await page.waitForTimeout(2500);
}

const enlarged = (camera: number) => async (page: Page): Promise<void> => {
  await page.waitForTimeout(1000);
  await page.locator(`[data-camera="camera-${camera}"] button`).first().click();
  await page.locator("dialog summary").click();
  await page.waitForTimeout(1500);
};

const tried = (address: string) => async (page: Page): Promise<void> => {
  await page.locator("input[name=url]").fill(address);
  await page.locator("input[name=url]").press("Enter");
  await page.locator("[data-verdict]").waitFor();
  await page.waitForTimeout(500);
};

const SHOTS: readonly Shot[] = [
  { name: "wall-vi", scene: "night", path: "/wall" },
  { name: "wall-en", scene: "night", path: "/wall", language: "en" },
  {
    name: "flood-cut",
    scene: "flood",
    path: "/wall",
    before: async (page, url) => {
      await page.waitForTimeout(1500);
      await page.request.get(`${url}/dev/cut`);
      await page.waitForTimeout(14_500);
    },
  },
  { name: "flood", scene: "flood", path: "/wall", before: wait(1500) },
  { name: "calm", scene: "calm", path: "/wall" },
  { name: "empty", scene: "empty", path: "/wall" },
  { name: "many", scene: "many", path: "/wall", before: wait(6000) },
  { name: "faults", scene: "faults", path: "/wall" },
  { name: "blind", scene: "blind", path: "/wall" },
  { name: "breach-light-vi", scene: "history", path: "/wall", before: firstBreach, scheme: "light" },
  { name: "breach-dark-en", scene: "history", path: "/wall", before: firstBreach, language: "en", scheme: "dark" },
  { name: "history-vi", scene: "history", path: "/breaches", scheme: "light" },
  { name: "history-filtered", scene: "history", path: "/breaches?kind=exit&state=resolved", scheme: "light" },
  { name: "history-none", scene: "calm", path: "/breaches", scheme: "light" },
  { name: "me", scene: "calm", path: "/me", scheme: "light" },
  { name: "login", scene: "calm", path: "/login", signedIn: false, scheme: "light" },
  { name: "missing", scene: "calm", path: "/breaches/nothing", scheme: "light" },
  {
    name: "resolve",
    scene: "night",
    path: "/wall",
    before: async (page) => {
      await page.waitForTimeout(1500);
      await page.keyboard.press("r");
      await page.locator("dialog button[type=submit]").click();
    },
  },
  {
    name: "enlarged",
    scene: "night",
    path: "/wall",
    before: async (page) => {
      await page.waitForTimeout(1000);
      await page.locator('[data-camera="camera-2"] button').click();
      await page.waitForTimeout(1500);
    },
  },
  { name: "ill", scene: "ill", path: "/wall" },
  { name: "ill-enlarged", scene: "ill", path: "/wall", before: enlarged(0) },
  { name: "ill-enlarged-en", scene: "ill", path: "/wall", before: enlarged(4), language: "en" },
  { name: "phone-ill", scene: "ill", path: "/wall", size: PHONE, before: enlarged(3) },
  { name: "add-camera", scene: "ill", path: "/cameras/new", before: tried("10.20.4.31/main"), scheme: "light" },
  { name: "add-camera-en", scene: "ill", path: "/cameras/new", before: tried("10.20.4.31/main"), language: "en" },
  { name: "add-camera-fails", scene: "ill", path: "/cameras/new", before: tried("10.20.4.66/main"), scheme: "light" },
  { name: "phone-add-camera", scene: "ill", path: "/cameras/new", size: PHONE, before: tried("10.20.4.31/main"), scheme: "light" },
  { name: "phone-wall", scene: "night", path: "/wall", size: PHONE },
  { name: "phone-breach", scene: "history", path: "/wall", size: PHONE, before: firstBreach, scheme: "dark" },
  { name: "phone-history", scene: "history", path: "/breaches", size: PHONE, scheme: "dark" },
  { name: "tablet", scene: "night", path: "/wall", size: [1024, 768] },
  { name: "wide", scene: "night", path: "/wall", size: [1920, 1080] },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { frames: { type: "string" }, only: { type: "string" } },
});
const out = positionals[0] ?? "shots";
mkdirSync(out, { recursive: true });
const wanted = values.only?.split(",");
const browser = await launch();
for (const shot of SHOTS) {
  if (wanted !== undefined && !wanted.includes(shot.name)) continue;
  const { server } = fixture({
    scene: shot.scene,
    frames: values.frames ?? null,
    signedIn: shot.signedIn ?? true,
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [width, height] = shot.size ?? DESK;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: shot.scheme ?? "dark",
    hasTouch: width < 640,
    isMobile: width < 640,
  });
  const settings = { language: shot.language ?? "vi", theme: "system", keys: true, site: null };
  await context.addInitScript((text) => {
    localStorage.setItem("wardwatch.settings", text);
  }, JSON.stringify(settings));
  const page = await context.newPage();
  page.on("pageerror", (error) => console.log(shot.name, error.message));
  page.on("console", (line) => line.type() === "error" && console.log(shot.name, line.text()));
  await page.goto(`${url}${shot.path}`);
  await armed(page);
  if (shot.before === undefined) await page.waitForTimeout(2500);
  else await shot.before(page, url);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(out, `${shot.name}.png`) });
  await context.close();
  server.closeAllConnections();
  server.close();
}
await browser.close();
