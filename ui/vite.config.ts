import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** `npm run dev` speaks to a running wardwatch, or to `npm run fixture`, at this address. */
const server = process.env["WARDWATCH_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2023",
    manifest: true,
    // What was bundled, with its licences: scripts/notices.ts makes the notices of it.
    license: { fileName: ".vite/licenses.json" },
    reportCompressedSize: false,
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": { target: server, changeOrigin: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node", isolate: false },
});
