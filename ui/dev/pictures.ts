/** Stills for the fixtures: JPEGs `<camera>-<n>.jpg` from a folder, or a drawn bitmap that moves. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Drawn {
  readonly type: string;
  readonly body: Buffer;
}

const STEPS = 12;
const kept = new Map<string, Buffer>();

export function picture(folder: string | null, camera: number, at: number): Drawn {
  const step = Math.floor(at / 1000) % STEPS;
  const file = folder === null ? null : join(folder, `${camera % 8}-${step}.jpg`);
  if (file === null || !existsSync(file)) return { type: "image/bmp", body: bitmap(camera, step) };
  const body = kept.get(file) ?? readFileSync(file);
  kept.set(file, body);
  return { type: "image/jpeg", body };
}

/** 160x90, 24 bit: a grey ground with a block that walks across it. */
function bitmap(camera: number, step: number): Buffer {
  const width = 160;
  const height = 90;
  const body = Buffer.alloc(54 + width * height * 3);
  body.write("BM");
  body.writeUInt32LE(body.length, 2);
  body.writeUInt32LE(54, 10);
  body.writeUInt32LE(40, 14);
  body.writeInt32LE(width, 18);
  body.writeInt32LE(height, 22);
  body.writeUInt16LE(1, 26);
  body.writeUInt16LE(24, 28);
  const from = 10 + step * 10;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const person = x >= from && x < from + 10 && y > 20 && y < 55;
      const shade = person ? 60 : 90 + ((camera * 17 + y) % 60);
      body.fill(shade, 54 + (y * width + x) * 3, 57 + (y * width + x) * 3);
    }
  }
  return body;
}
