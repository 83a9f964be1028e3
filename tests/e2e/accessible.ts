/** axe-core, put into a page to find what WCAG 2.2 AA forbids. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Fails with each fault and where it is. */
export async function accessible(page: Page, name: string): Promise<void> {
  // By the debugger rather than a script element: the page's own policy forbids foreign scripts.
  await page.evaluate(source);
  const faults = await page.evaluate(async (runOnly) => {
    const { violations } = await globalThis.axe.run(document, { runOnly });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }, RULES);
  assert.deepEqual(faults, [], `axe-core on ${name}`);
}

declare global {
  var axe: {
    run: (
      context: Document,
      options: object,
    ) => Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }>;
  };
}
