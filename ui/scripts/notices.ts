/**
 * Writes `dist/third-party-notices.txt`: the licences of exactly what `vite build` has bundled. Code
 * is listed by Vite (`build.license`); files that are copied, such as fonts, by its manifest.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type Bundled, notices, foldersOfAssets } from "./licences.ts";

const root = new URL("..", import.meta.url);
const listed = new URL("dist/.vite/licenses.json", root);

function read(file: URL): string {
  return readFileSync(file, "utf8");
}

function installed(path: string): Bundled {
  const folder = new URL(`${path}/`, root);
  const about: { name: string; version: string; license?: string } = JSON.parse(read(new URL("package.json", folder)));
  const file = readdirSync(folder).find((one) => /^licen[cs]e(\.|$)/i.test(one));
  return {
    name: about.name,
    version: about.version,
    ...(about.license === undefined ? {} : { identifier: about.license }),
    ...(file === undefined ? {} : { text: read(new URL(file, folder)) }),
  };
}

const code: Bundled[] = JSON.parse(read(listed));
const manifest: Record<string, unknown> = JSON.parse(read(new URL("dist/.vite/manifest.json", root)));
const known = new Set(code.map((one) => one.name));
const files = foldersOfAssets(Object.keys(manifest)).map(installed).filter((one) => !known.has(one.name));
writeFileSync(new URL("dist/third-party-notices.txt", root), notices([...code, ...files]));
rmSync(listed); // it would be served with the pages, which have it all in the text
