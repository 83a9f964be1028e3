/** No wait without an end: whatever is waited for has a name, which is told when it takes too long. */
import assert from "node:assert/strict";

const EVERY_MS = 50;
const going = new Set<string>();

/** Not all that a browser is asked has a limit of its own (`evaluate`, `close`): this one has. */
export async function inTime<T>(ms: number, name: string, waited: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: not over after ${ms} ms`)), ms);
  });
  going.add(name);
  try {
    return await Promise.race([waited, late]);
  } finally {
    clearTimeout(timer);
    going.delete(name);
  }
}

/** Waits until it holds; answers after how many ms. */
export async function within(ms: number, name: string, holds: () => Promise<boolean>): Promise<number> {
  const from = performance.now();
  while (!(await inTime(ms, name, holds()))) {
    assert(performance.now() - from < ms, `${name}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return Math.round(performance.now() - from);
}

/** Ends this process after so long, with what it was at: also where it is done, and does not end. */
export function endAfter(ms: number): void {
  const end = (): never => {
    const left = [...new Set(process.getActiveResourcesInfo())].join(", ");
    console.error(`not over after ${ms} ms, at: ${[...going].join("; ") || `its end, with ${left}`}`);
    process.exit(1);
  };
  setTimeout(end, ms).unref();
}
