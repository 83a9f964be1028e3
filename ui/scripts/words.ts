/**
 * Compiles the catalogues `messages/vi.json` (the source) and `messages/en.json` into typed
 * functions, one a message, so that a page pays for the words it uses and a missing or misspelt
 * placeholder does not compile. A text is a string with `{placeholders}`, or, where the language
 * has plurals, an object of CLDR categories chosen by `{count}`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { check, parseCatalogue, type Text } from "./catalogue.ts";

const root = new URL("..", import.meta.url);
const out = new URL("src/words/generated/messages.ts", root);

function literal(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("$", "\\$");
  return "`" + escaped.replaceAll(/\{(\w+)\}/g, "${show(p.$1)}") + "`";
}

function expression(text: Text): string {
  if (typeof text === "string") return literal(text);
  const forms = Object.entries(text).map(([form, value]) => `${form}: ${literal(value)}`);
  return `plural(p.count, { ${forms.join(", ")} })`;
}

function compile(vi: Record<string, Text>, en: Record<string, Text>): string {
  const lines = [
    "// Made by scripts/words.ts from messages/*.json; not edited by hand.",
    'import { pick, plural, show } from "../language.ts";',
    "",
    "type Value = string | number;",
    "",
  ];
  for (const [key, text] of Object.entries(vi)) {
    const names = placeholdersOf(text);
    const fields = names.map((name) => `${name}: ${name === "count" ? "number" : "Value"}`);
    const parameter = names.length > 0 ? `p: { ${fields.join("; ")} }` : "";
    const other = en[key] ?? text;
    lines.push(
      `export const ${key} = (${parameter}): string =>`,
      `  pick(() => ${expression(text)}, () => ${expression(other)});`,
    );
  }
  return lines.join("\n") + "\n";
}

function placeholdersOf(text: Text): string[] {
  const all = typeof text === "string" ? text : Object.values(text).join(" ");
  return [...new Set([...all.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ""))];
}

const read = (language: string): Record<string, Text> =>
  parseCatalogue(readFileSync(new URL(`messages/${language}.json`, root), "utf8"));
const vi = read("vi");
const en = read("en");
const faults = check(vi, en);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
mkdirSync(new URL(".", out), { recursive: true });
writeFileSync(out, compile(vi, en));
