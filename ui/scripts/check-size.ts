/** Fails when the first load, or a page loaded later, outgrows its budget (gzip, as sent). */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const INITIAL_KB = 200;
const LAZY_KB = 60;

interface Chunk {
  readonly file: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
  readonly assets?: readonly string[];
}

const dist = new URL("../dist/", import.meta.url);
const manifest: Record<string, Chunk> = JSON.parse(
  readFileSync(new URL(".vite/manifest.json", dist), "utf8"),
);

function filesOf(key: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (chunk === undefined || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const file of [...(chunk.css ?? []), ...(chunk.assets ?? [])]) seen.add(file);
  for (const other of chunk.imports ?? []) filesOf(other, seen);
  return seen;
}

/** Fonts are compressed already. */
function kilobytes(file: string): number {
  const bytes = readFileSync(new URL(file, dist));
  return (file.endsWith(".woff2") ? bytes.length : gzipSync(bytes, { level: 9 }).length) / 1000;
}

const sum = (files: Iterable<string>): number => [...files].reduce((all, one) => all + kilobytes(one), 0);

const entry = Object.keys(manifest).find((key) => manifest[key]?.isEntry === true);
if (entry === undefined) throw new Error("the manifest names no entry");
const initial = filesOf(entry);
const rows: [string, number, number][] = [["first load", sum(initial), INITIAL_KB]];
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isDynamicEntry !== true) continue;
  const own = [...filesOf(key)].filter((file) => !initial.has(file));
  rows.push([key.replace(/^.*\//, ""), sum(own), LAZY_KB]);
}
for (const [name, size, budget] of rows) {
  const line = `${name.padEnd(20)} ${size.toFixed(1).padStart(6)} kB of ${budget}`;
  if (size > budget) {
    console.error(`${line}: over budget`);
    process.exitCode = 1;
  } else {
    console.log(line);
  }
}
