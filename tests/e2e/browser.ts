/** Chromium from npm, started so that it also runs as root and in a container. */
import chromium from "@sparticuz/chromium";
import { chromium as playwright, type Browser } from "playwright-core";

const QUIET = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--autoplay-policy=user-gesture-required",
  "--font-render-hinting=none",
];

/** `more`: further switches of the browser. */
export async function launch(more: readonly string[] = []): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [...QUIET, ...more],
    headless: true,
  });
}
