/**
 * What the screens do when things go wrong, in a real browser over the fixture server:
 * `node states.ts`. A line a step; exits 1 with the reason when one fails.
 */
import assert from "node:assert/strict";
import type { Scene } from "../../ui/dev/world.ts";
import { accessible } from "./accessible.ts";
import { drive } from "./browser.ts";
import { within } from "./limits.ts";
import { pageTime, pass, play, type Act, type Stage } from "./stage.ts";

const RUN_MS = 120_000;
/** For what the screen does at once; a busy machine takes its time. */
const SOON_MS = 10_000;
/** A breach is taken by `A` once it was shown for 0.4 s. */
const SHOWN_MS = 600;

/** The oldest that a picture may be on a tile, and the longest that this is noticed late. */
const OLD_MS = 5000;
const LATE_MS = 6000;

async function pictureGoes({ page, world }: Stage): Promise<void> {
  const picture = page.locator('[data-camera="camera-1"] [data-picture]');
  const kind = async (): Promise<string | null> => picture.getAttribute("data-picture");
  await within(SOON_MS, "a picture", async () => (await kind()) === "shown");
  world.lostAt.set("camera-1", Date.now()); // stills stop; no event says so
  let captured = 0;
  const gone = await within(OLD_MS + LATE_MS, "the picture goes", async () => {
    const shown = await picture.locator("img").evaluateAll(([image]) => (image as HTMLElement | undefined)?.dataset["captured"]);
    captured = Number(shown ?? captured);
    return (await kind()) === "lost";
  });
  const age = Date.now() - captured;
  assert(age > OLD_MS - 100 && age < OLD_MS + LATE_MS, `the picture went at an age of ${age} ms`);
  assert.match((await picture.textContent()) ?? "", /hình cuối \d\d:\d\d:\d\d/);
  assert.equal(await page.locator('[data-camera="camera-1"] img').count(), 0, "an old picture is on the tile");
  console.log(`a picture without new frames goes (${gone} ms)`);
}

/** Twelve seconds of silence, the last tick up to five seconds before. */
const SILENT_MS = [7000, 13_500] as const;

async function cutIsTold({ page, world }: Stage): Promise<void> {
  const bar = page.getByText("không nhận vi phạm mới");
  await within(SOON_MS, "a stream", async () => world.readers.size > 0);
  world.tick(); // the last that is heard
  world.cut = true;
  const from = await pageTime(page);
  await within(SOON_MS, "the bar", async () => {
    await pass(page, 500);
    return bar.isVisible();
  });
  const told = Math.round((await pageTime(page)) - from);
  assert(told > SILENT_MS[0] && told < SILENT_MS[1] + SOON_MS, `told after ${told} ms of silence`);
  world.open(3);
  world.mend();
  const back = await within(2 * SOON_MS, "the bar goes", async () => !(await bar.isVisible()));
  await page.locator('[data-camera="camera-3"][data-shown="open"]').waitFor({ timeout: SOON_MS });
  console.log(`a silent stream is told (${told} ms), and nothing of it lost (${back} ms)`);
}

async function whoWasFirst({ page, world }: Stage): Promise<void> {
  const id = (await page.locator("[data-held]").getAttribute("data-held")) ?? "";
  const found = world.find(id);
  assert(found !== undefined);
  world.cut = true; // the screen does not hear that Lan answered
  world.acknowledge(id, "Lan");
  await pass(page, SHOWN_MS);
  await page.locator("body").press("a");
  await page.getByText("Lan đã tiếp nhận trước").waitFor({ timeout: SOON_MS });
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
  await pass(page, SHOWN_MS);
  assert.equal(world.find(one.id)?.state, "open", "A took a breach that had just appeared");
  await page.locator("body").press("a");
  await within(SOON_MS, "acknowledged", async () => world.find(one.id)?.state === "acknowledged");
  console.log("A takes only what was shown for 0.4 s");
}

async function signInOverThePage({ page, url }: Stage): Promise<void> {
  await page.locator("[data-camera]").first().waitFor();
  await page.request.get(`${url}/dev/sign-out`);
  await page.locator("dialog[open] input[name=password]").waitFor({ timeout: SOON_MS });
  assert(await page.locator("[data-camera]").first().isVisible(), "the wall is gone");
  await accessible(page, "sign-in over the page");
  await page.locator("dialog input[name=password]").fill("demo");
  await page.locator("dialog button[type=submit]").click();
  await within(SOON_MS, "the dialog closes", async () => (await page.locator("dialog[open]").count()) === 0);
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
  await within(SOON_MS, "resolved", async () => world.find(id)?.state === "resolved");
  console.log("a resolution asks for its outcome, and for words where it is another");
}

/** Tried for 30 s; the last pause, up to 3 s, is not waited out. */
const TRIED_MS = [27_000, 31_000] as const;

async function unsentTurnsRed({ page, world, stopServer }: Stage): Promise<void> {
  const { id } = world.open(1);
  await page.locator(`[data-held="${id}"]`).waitFor({ timeout: SOON_MS });
  await pass(page, SHOWN_MS);
  let tries = 0;
  page.on("request", (request) => void (tries += Number(request.url().endsWith("/acknowledge"))));
  stopServer();
  const from = await pageTime(page);
  await page.locator("body").press("a");
  await page.getByText("Tiếp nhận, đang gửi…").waitFor();
  const red = page.getByText("Chưa gửi được tiếp nhận");
  await within(2 * SOON_MS, "the red bar", async () => {
    await pass(page, 500);
    return red.isVisible();
  });
  // By the page's clock, and from before the key: it may be late, but never early.
  const after = Math.round((await pageTime(page)) - from);
  assert(after > TRIED_MS[0] && after < TRIED_MS[1] + SOON_MS, `given up after ${after} ms`);
  assert(tries >= 8, `sent ${tries} times only`);
  const pictures = page.locator('[data-picture="shown"]');
  assert.equal(await pictures.count(), 0, "pictures of a server that is gone");
  console.log(`an acknowledgement that cannot be sent turns red (${after} ms, ${tries} tries)`);
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
  [0, /hình bị đứng.*Khởi động lại camera/si],
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
    assert.match(await dialog.locator("details").innerText(), /bây giờ.*10:00\s*camera ngừng gửi hình/si);
    if (camera === 0) await accessible(page, "what was not watched");
    await page.keyboard.press("Escape");
  }
  await page.locator('[data-camera="camera-6"] button').first().click();
  await dialog.getByText("không có lúc nào").waitFor();
  console.log("what is the matter with a camera is told, with the mend and what nobody watched");
}

/** Each page, and what it has once its data has come. */
const PAGES = [
  ["/wall", '[data-picture="shown"]'],
  ["/breaches", "tr[data-breach]"],
  ["/me", "main select"],
  ["/breaches/nothing", "main [role=alert]"],
] as const;

async function everyPageIsAccessible({ page, url }: Stage): Promise<void> {
  for (const [path, there] of PAGES) {
    await page.goto(`${url}${path}`);
    await page.locator(there).first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `${path}, ${colorScheme}`);
    }
  }
  console.log("axe-core finds nothing on any page, light or dark");
}

/** Acts that share a page. Winding its clock on makes pictures look older: those that do stand later. */
const PLAYS: readonly (readonly [Scene, readonly Act[]])[] = [
  ["calm", [pictureGoes, quickKeyIsNotMeant, signInOverThePage, cutIsTold]],
  ["night", [whoWasFirst, resolvesWithAnOutcome, unsentTurnsRed]],
  ["ill", [whatIsTheMatterIsTold, installerTriesACamera]],
  ["history", [everyPageIsAccessible]],
];

await drive(RUN_MS, async (browser) => {
  const faults = await Promise.all(PLAYS.map(([scene, acts]) => play(browser, scene, acts)));
  if (faults.flat().length > 0) throw new Error(faults.flat().join("\n"));
});
