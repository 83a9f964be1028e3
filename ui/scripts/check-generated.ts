/** Fails when the client differs from what `openapi.json` generates: `npm run generate` mends it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const committed = join(root, "src/api/generated/schema.ts");
const folder = mkdtempSync(join(tmpdir(), "wardwatch-client-"));
try {
  const fresh = join(folder, "schema.ts");
  const made = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/openapi-typescript/bin/cli.js"),
      join(root, "openapi.json"),
      "--output",
      fresh,
      "--alphabetize",
    ],
    { cwd: root, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  if (readFileSync(fresh, "utf8") !== readFileSync(committed, "utf8")) {
    console.error("ui/src/api/generated/schema.ts differs from ui/openapi.json: npm run generate");
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
