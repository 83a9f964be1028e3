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

export async function launch(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: QUIET,
    headless: true,
  });
}
