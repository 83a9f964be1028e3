/**
 * What the screens do when things go wrong, in a real browser over the fixture server:
 * `node states.ts`. A line a step; exits 1 with the reason when one fails.
 */
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { fixture } from "../../ui/dev/server.ts";
import type { Scene, World } from "../../ui/dev/world.ts";
import { accessible } from "./accessible.ts";
import { launch } from "./browser.ts";

const ACT_MS = 80_000;

interface Stage {
  readonly page: Page;
  readonly url: string;
  readonly world: World;
  readonly stopServer: () => void;
}

async function onStage(browser: Browser, scene: Scene, act: (stage: Stage) => Promise<void>): Promise<void> {
  const { server, world } = fixture({ scene, frames: null, signedIn: true });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const stopServer = (): void => {
    server.closeAllConnections();
    server.close();
  };
  try {
    await page.goto(`${url}/wall`);
    await inTime(act({ page, url, world, stopServer }));
  } finally {
    await context.close();
    stopServer();
  }
}

/** Not all that a browser is asked has a limit of its own; this one names the act that hangs. */
async function inTime(act: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${ACT_MS} ms`)), ACT_MS);
  });
  await Promise.race([act, late]).finally(() => clearTimeout(timer));
}

/** Waits until it holds; answers after how many ms. */
async function within(ms: number, what: string, holds: () => Promise<boolean>): Promise<number> {
  const from = performance.now();
  while (!(await holds())) {
    assert(performance.now() - from < ms, `${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return Math.round(performance.now() - from);
}

async function pictureGoes({ page, world }: Stage): Promise<void> {
  const picture = page.locator('[data-camera="camera-1"] [data-picture]');
  const kind = async (): Promise<string | null> => picture.getAttribute("data-picture");
  await within(15_000, "a picture", async () => (await kind()) === "shown");
  const still = async (): Promise<string | null> => picture.locator("img").first().getAttribute("src");
  const before = await still();
  // From a picture on that has just come: its age is what counts.
  await within(15_000, "another picture", async () => (await still()) !== before);
  world.lostAt.set("camera-1", Date.now()); // stills stop; no event says so
  const gone = await within(9000, "the picture goes", async () => (await kind()) === "lost");
  assert(gone > 3500, `the picture went after ${gone} ms already`);
  assert.match((await picture.textContent()) ?? "", /hình cuối \d\d:\d\d:\d\d/);
  assert.equal(await page.locator('[data-camera="camera-1"] img').count(), 0, "an old picture is on the tile");
  console.log(`a picture without new frames goes (${gone} ms)`);
}

async function cutIsTold({ page, world }: Stage): Promise<void> {
  const bar = page.getByText("không nhận vi phạm mới");
  await page.locator("header b").waitFor();
  world.cut = true;
  const told = await within(15_000, "the bar", async () => bar.isVisible());
  world.open(3);
  world.mend();
  const back = await within(15_000, "the bar goes", async () => !(await bar.isVisible()));
  await page.locator('[data-camera="camera-3"][data-shown="open"]').waitFor({ timeout: 5000 });
  console.log(`a silent stream is told (${told} ms), and nothing of it lost (${back} ms)`);
}

async function whoWasFirst({ page, world }: Stage): Promise<void> {
  const id = (await page.locator("[data-held]").getAttribute("data-held")) ?? "";
  const found = world.find(id);
  assert(found !== undefined);
  world.cut = true; // the screen does not hear that Lan answered
  world.acknowledge(id, "Lan");
  await page.waitForTimeout(600);
  await page.locator("body").press("a");
  await page.getByText("Lan đã tiếp nhận trước").waitFor({ timeout: 4000 });
  await page.getByText("Không cần làm gì thêm").waitFor();
  world.mend();
  console.log("a second acknowledgement tells who was first");
}

async function quickKeyIsNotMeant({ page, world }: Stage): Promise<void> {
  await page.locator("[data-camera]").first().waitFor();
  // Pressed from within the page in the instant the breach is drawn: no browser's queue in between,
  // and watched for before it is opened.
  const watching = await page.evaluateHandle(() => {
    const pressed = new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        if (document.querySelector("[data-held]") === null) return;
        observer.disconnect();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { code: "KeyA", bubbles: true }));
        resolve();
      });
      observer.observe(document.body, { subtree: true, childList: true });
    });
    return { pressed };
  });
  const one = world.open(0);
  await watching.evaluate(({ pressed }) => pressed);
  await page.waitForTimeout(600);
  assert.equal(world.find(one.id)?.state, "open", "A took a breach that had just appeared");
  await page.locator("body").press("a");
  await within(3000, "acknowledged", async () => world.find(one.id)?.state === "acknowledged");
  console.log("A takes only what was shown for 0.4 s");
}

async function signInOverThePage({ page, url }: Stage): Promise<void> {
  await page.locator("[data-camera]").first().waitFor();
  await page.request.get(`${url}/dev/sign-out`);
  await page.locator("dialog[open] input[name=password]").waitFor({ timeout: 6000 });
  assert(await page.locator("[data-camera]").first().isVisible(), "the wall is gone");
  await accessible(page, "sign-in over the page");
  await page.locator("dialog input[name=password]").fill("demo");
  await page.locator("dialog button[type=submit]").click();
  await within(4000, "the dialog closes", async () => (await page.locator("dialog[open]").count()) === 0);
  console.log("a session that ends is renewed over the page");
}

async function resolvesWithAnOutcome({ page, world }: Stage): Promise<void> {
  const id = (await page.locator("[data-held]").getAttribute("data-held")) ?? "";
  await page.locator("body").press("r");
  const dialog = page.locator("dialog[open]");
  await dialog.locator("button[type=submit]").click();
  await page.getByText("Chọn một kết quả trước khi lưu").waitFor();
  await dialog.getByText("Khác, ghi rõ").click();
  await dialog.locator("button[type=submit]").click();
  await page.getByText("Ghi rõ trong ghi chú").waitFor();
  await accessible(page, "the dialog");
  await dialog.locator("textarea").fill("đã đưa về khu A");
  await dialog.locator("textarea").press("a"); // typing is typing
  await dialog.locator("button[type=submit]").click();
  await within(3000, "resolved", async () => world.find(id)?.state === "resolved");
  console.log("a resolution asks for its outcome, and for words where it is another");
}

async function unsentTurnsRed({ page, stopServer }: Stage): Promise<void> {
  await page.locator("[data-held]").waitFor();
  await page.waitForTimeout(600);
  stopServer();
  await page.locator("body").press("a");
  await page.getByText("Tiếp nhận, đang gửi…").waitFor();
  const red = page.getByText("Chưa gửi được tiếp nhận");
  const after = await within(36_000, "the red bar", async () => red.isVisible());
  assert(after > 24_000, `given up after ${after} ms already`);
  const pictures = page.locator('[data-picture="shown"]');
  assert.equal(await pictures.count(), 0, "pictures of a server that is gone");
  console.log(`an acknowledgement that cannot be sent turns red (${after} ms)`);
}

async function installerTriesACamera({ page, url }: Stage): Promise<void> {
  const secret = "hunter2:@";
  await page.goto(`${url}/cameras/new`);
  const address = page.locator("input[name=url]");
  await address.fill(`admin:${encodeURIComponent(secret)}@10.20.4.66/main`);
  await address.press("Enter");
  const verdict = page.locator("[data-verdict]");
  await page.locator('[data-verdict="unusable"]').waitFor();
  assert.equal(await address.inputValue(), "rtsp://10.20.4.66/main", "the password stands in the address");
  const password = page.locator("input[name=camera-password]");
  assert.deepEqual([await password.inputValue(), await password.getAttribute("type")], [secret, "password"]);
  assert.match(await verdict.innerText(), /sai tài khoản camera.*Nhập lại tài khoản/s);
  await accessible(page, "a wrong password");
  await address.fill("10.20.4.31/main");
  assert.equal(await verdict.count(), 0, "what was found of another address");
  await address.press("Enter");
  await page.locator('[data-verdict="usable"]').waitFor();
  assert.match((await page.locator('[data-row="clock"]').textContent()) ?? "", /chậm 60 phút/);
  await accessible(page, "what a try found");
  await page.getByRole("button", { name: "Dùng luồng phụ và thử lại" }).click();
  assert.equal(await page.locator("input[name=sub-url]").inputValue(), "rtsp://10.20.4.31/Streaming/Channels/102");
  await verdict.waitFor();
  await page.getByRole("button", { name: "Lưu camera" }).click();
  await page.getByText("Nhập tên camera").waitFor();
  await page.locator("input[name=name]").fill("Bãi xe phía đông");
  await page.getByRole("button", { name: "Lưu camera" }).click();
  await page.getByText("Đã thêm Bãi xe phía đông").waitFor();
  assert(!(await page.content()).includes("hunter2"), "the password is on the page");
  await page.getByRole("button", { name: "Thêm camera khác" }).click();
  assert.equal(await password.inputValue(), "", "the password is kept");
  console.log("an installer tries a camera, and its password is shown nowhere");
}

/** What the eight cameras of the scene are called in their dialogs, and what to do about each. */
const ILL: readonly (readonly [camera: number, told: RegExp])[] = [
  [0, /hình bị đứng, không đổi.*Khởi động lại camera/si],
  [1, /kết nối chập chờn.*Kiểm tra đầu cắm/si],
  [2, /đồng hồ camera sai.*múi giờ/si],
  [3, /ống kính bị che.*Đến kiểm tra/si],
  [4, /sai tài khoản camera.*Nhập lại tài khoản/si],
];

async function whatIsTheMatterIsTold({ page }: Stage): Promise<void> {
  const dialog = page.locator("dialog[open]");
  for (const [camera, told] of ILL) {
    await page.locator(`[data-camera="camera-${camera}"] button`).first().click();
    await dialog.getByText("2 lần").waitFor();
    assert.match(await dialog.innerText(), told);
    await dialog.locator("summary").click();
    assert.match(await dialog.locator("details").innerText(), /bây giờ.*10:00\s*hình đứng/si);
    if (camera === 0) await accessible(page, "what was not watched");
    await page.keyboard.press("Escape");
  }
  await page.locator('[data-camera="camera-6"] button').first().click();
  await dialog.getByText("không có lúc nào").waitFor();
  console.log("what is the matter with a camera is told, with the mend and what nobody watched");
}

async function everyPageIsAccessible(stage: Stage): Promise<void> {
  const { page, url } = stage;
  for (const path of ["/wall", "/breaches", "/me", "/breaches/nothing"]) {
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.goto(`${url}${path}`);
      await page.waitForTimeout(1200);
      await accessible(page, `${path}, ${scheme}`);
    }
  }
  console.log("axe-core finds nothing on any page, light or dark");
}

type Acts = readonly (readonly [Scene, (stage: Stage) => Promise<void>])[];

/** Most of it is waiting, and some of it is measured: nothing that works hard may run beside. */
const WAITING: Acts = [
  ["calm", pictureGoes],
  ["calm", cutIsTold],
  ["night", whoWasFirst],
  ["calm", quickKeyIsNotMeant],
  ["calm", signInOverThePage],
  ["night", resolvesWithAnOutcome],
  ["night", unsentTurnsRed],
];

const WORKING: Acts = [
  ["ill", installerTriesACamera],
  ["ill", whatIsTheMatterIsTold],
  ["history", everyPageIsAccessible],
];

const browser = await launch();
try {
  for (const acts of [WAITING, WORKING]) await allAtOnce(acts);
} finally {
  await browser.close();
}

async function allAtOnce(acts: Acts): Promise<void> {
  const ends = await Promise.allSettled(acts.map(([scene, act]) => onStage(browser, scene, act)));
  for (const [index, end] of ends.entries()) {
    if (end.status === "fulfilled") continue;
    console.error(`${acts[index]?.[1].name}: ${end.reason instanceof Error ? end.reason.message : end.reason}`);
    process.exitCode = 1;
  }
}
