/** The notices that the licences of what is bundled ask for: pure, `notices.ts` reads and writes. */

export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** SPDX, as the package says. */
  readonly identifier?: string;
  readonly text?: string;
}

const UNLICENSE = `This is free and unencumbered software released into the public domain.

Anyone is free to copy, modify, publish, use, compile, sell, or
distribute this software, either in source code form or as a compiled
binary, for any purpose, commercial or non-commercial, and by any
means.

In jurisdictions that recognize copyright laws, the author or authors
of this software dedicate any and all copyright interest in the
software to the public domain. We make this dedication for the benefit
of the public at large and to the detriment of our heirs and
successors. We intend this dedication to be an overt act of
relinquishment in perpetuity of all present and future rights to this
software under copyright law.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.
IN NO EVENT SHALL THE AUTHORS BE LIABLE FOR ANY CLAIM, DAMAGES OR
OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR
OTHER DEALINGS IN THE SOFTWARE.

For more information, please refer to <https://unlicense.org>`;

/** Packages that come without their licence's text, and the licence it is the text of. */
const TEXTS: ReadonlyMap<string, readonly [identifier: string, text: string]> = new Map([
  ["wouter", ["Unlicense", UNLICENSE]],
]);

/** Whose work it is, where the text that comes with the package does not say so. */
const COPYRIGHTS: ReadonlyMap<string, string> = new Map([
  [
    "@fontsource-variable/source-sans-3",
    "Source Sans 3: Copyright 2010-2020 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'.",
  ],
]);

const HEAD = `Third-party notices

The pages of wardwatch contain the following packages, whole or in part, under their own licences.
`;
const RULE = "-".repeat(80);

/** Folders of packages whose files are copied as they are, out of the keys of Vite's manifest. */
export function foldersOfAssets(keys: Iterable<string>): string[] {
  const folders = [...keys].map((key) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(key)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted();
}

/** One text, a section for each package. Throws, naming them, when some have no licence text. */
export function notices(bundled: readonly Bundled[]): string {
  const without: string[] = [];
  const sections: string[] = [];
  for (const one of bundled.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const text = textOf(one);
    if (text === undefined) without.push(`${one.name} ${one.version} (${one.identifier ?? "no licence named"})`);
    else sections.push(section(one, text));
  }
  if (without.length > 0) throw new Error(`bundled without a licence text: ${without.join(", ")}`);
  return [HEAD, ...sections].join("\n");
}

function section({ name, version, identifier }: Bundled, text: string): string {
  const title = `${name} ${version} (${identifier ?? "see below"})`;
  return `${RULE}\n${[title, COPYRIGHTS.get(name), text].filter(Boolean).join("\n\n")}\n`;
}

function textOf({ name, identifier, text }: Bundled): string | undefined {
  const own = text?.replaceAll("\r\n", "\n").trim();
  if (own !== undefined && own !== "") return own;
  const [expected, known] = TEXTS.get(name) ?? [];
  return identifier === expected ? known : undefined;
}
