/** `npm run fixture -- --scene night --port 8081 --frames FOLDER` (password: demo). */
import { parseArgs } from "node:util";
import { fixture } from "./server.ts";
import { SCENES } from "./world.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8081" },
    scene: { type: "string", default: "night" },
    frames: { type: "string" },
    "signed-in": { type: "boolean", default: false },
  },
});
const scene = SCENES.find((one) => one === values.scene);
if (scene === undefined) {
  console.error(`scenes: ${SCENES.join(", ")}`);
  process.exit(2);
}
const { server } = fixture({ scene, frames: values.frames ?? null, signedIn: values["signed-in"] });
server.listen(Number(values.port), "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : values.port;
  console.log(`ready http://127.0.0.1:${port}`);
});
