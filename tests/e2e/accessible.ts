/** axe-core, put into a page to find what WCAG 2.2 AA forbids. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { inTime } from "./limits.ts";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const JUDGED_MS = 30_000;

/** Fails with each fault and where it is. */
export async function accessible(page: Page, name: string): Promise<void> {
  const faults = await inTime(JUDGED_MS, `axe-core on ${name}`, faultsOf(page));
  assert.deepEqual(faults, [], `axe-core on ${name}`);
}

async function faultsOf(page: Page): Promise<readonly string[]> {
  // By the debugger rather than a script element: the page's own policy forbids foreign scripts.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  return page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }, RULES);
}

declare global {
  var axe: {
    run: (
      context: Document,
      options: object,
    ) => Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }>;
  };
}
