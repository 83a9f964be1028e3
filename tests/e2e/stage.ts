/** A page of the built screens over the fixture server, whose world an act may change. */
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { fixture } from "../../ui/dev/server.ts";
import type { Scene, World } from "../../ui/dev/world.ts";
import { wordsOf } from "./browser.ts";
import { inTime } from "./limits.ts";

const ACT_MS = 60_000;
const LEAVE_MS = 5000;

export interface Stage {
  readonly page: Page;
  readonly url: string;
  readonly world: World;
  readonly stopServer: () => void;
}

export type Act = (stage: Stage) => Promise<void>;

/** Plays the acts one after another on one page; answers what went wrong, empty when nothing did. */
export async function play(browser: Browser, scene: Scene, acts: readonly Act[]): Promise<readonly string[]> {
  const { server, world } = fixture({ scene, frames: null, signedIn: true });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stopServer = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "vi-VN",
    reducedMotion: "reduce", // a colour on its way is not yet the one that is judged
  });
  let at = "opening the wall";
  try {
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(`${url}/wall`);
    for (const act of acts) {
      at = act.name;
      await inTime(ACT_MS, at, act({ page, url, world, stopServer }));
    }
    return [];
  } catch (error) {
    const left = acts.slice(acts.findIndex((act) => act.name === at) + 1).map((act) => act.name);
    return [`${at}: ${wordsOf(error)}`, ...left.map((name) => `${name}: not played`)];
  } finally {
    stopServer();
    await inTime(LEAVE_MS, "leaving the page", context.close()).catch((error: unknown) => console.error(wordsOf(error)));
  }
}

/** Lets `ms` go by on the page, whose own clock is wound on: nobody waits for them. */
export async function pass(page: Page, ms: number): Promise<void> {
  await page.clock.runFor(ms);
}

/** By the page's own clock. */
export async function pageTime(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}
