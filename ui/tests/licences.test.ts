import { describe, expect, test } from "vitest";
import { notices, foldersOfAssets } from "../scripts/licences.ts";

const react = { name: "react", version: "19.3.1", identifier: "MIT", text: "MIT License\r\n\r\nCopyright\n" };

describe("the notices", () => {
  test("hold each package with the text of its licence, in order of names", () => {
    const text = notices([react, { name: "lucide-react", version: "1.75.0", identifier: "ISC", text: "ISC License" }]);
    expect(text).toContain("react 19.3.1 (MIT)\n\nMIT License\n\nCopyright\n");
    expect(text.indexOf("lucide-react 1.75.0 (ISC)\n\nISC License\n")).toBeLessThan(text.indexOf("react 19.3.1"));
  });

  test.each([
    ["no text", { name: "x", version: "1.0.0", identifier: "MIT" }, "x 1.0.0 (MIT)"],
    ["an empty text", { name: "x", version: "1.0.0", identifier: "MIT", text: " \n" }, "x 1.0.0 (MIT)"],
    ["no licence at all", { name: "x", version: "1.0.0" }, "x 1.0.0 (no licence named)"],
    ["another licence than the known one", { name: "wouter", version: "9.0.0", identifier: "MIT" }, "wouter 9.0.0 (MIT)"],
  ])("are refused for a package with %s", (_, bundled, told) => {
    expect(() => notices([react, bundled])).toThrow(`bundled without a licence text: ${told}`);
  });

  test("know the text that wouter leaves out", () => {
    expect(notices([{ name: "wouter", version: "3.13.0", identifier: "Unlicense" }])).toContain("public domain");
  });

  test("name whose font it is, which its package's text does not", () => {
    const font = { name: "@fontsource-variable/source-sans-3", version: "5.3.0", identifier: "OFL-1.1", text: "OFL" };
    expect(notices([font])).toMatch(/5\.3\.0 \(OFL-1\.1\)\n\nSource Sans 3: Copyright .* Adobe .*\n\nOFL\n/);
  });

  test("find the packages that files were copied from", () => {
    const keys = [
      "node_modules/@fontsource-variable/source-sans-3/files/a.woff2",
      "node_modules/@fontsource-variable/source-sans-3/files/b.woff2",
      "node_modules/outer/node_modules/inner/c.svg",
      "src/pages/wall.tsx",
      "index.html",
    ];
    expect(foldersOfAssets(keys)).toEqual([
      "node_modules/@fontsource-variable/source-sans-3",
      "node_modules/outer/node_modules/inner",
    ]);
  });
});
