/**
 * Where things are drawn over a picture. Pure. Points are fractions of the frame, y down; results
 * in units of the frame's height (so x runs to `aspect` = width / height), in which a circle is a
 * circle. Outward is from the left of a→b to its right, as seen on the screen facing from a to b:
 * the same convention as `detect.geometry`, held to one table by the tests of both.
 */
export type Point = readonly [number, number];

/** A point as the API writes it: `[x, y]`. */
export function pointOf(pair: readonly number[]): Point {
  return [pair[0] ?? 0, pair[1] ?? 0];
}

export function placed([x, y]: Point, aspect: number): Point {
  return [x * aspect, y];
}

/** Unit vector pointing outward from the line a→b; both ends equal give (0, 0). */
export function outward(a: Point, b: Point, aspect: number): Point {
  const dx = (b[0] - a[0]) * aspect;
  const dy = b[1] - a[1];
  const length = Math.hypot(dx, dy);
  // With y down, turning (dx, dy) to the right of the way it points gives (-dy, dx).
  return length === 0 ? [0, 0] : [-dy / length || 0, dx / length || 0];
}

export interface Arrow {
  readonly from: Point;
  readonly to: Point;
  /** Centre of the word at the head, kept inside the frame. */
  readonly word: Point;
}

/** The arrow at the line's middle that shows which way is out. */
export function outwardArrow(a: Point, b: Point, aspect: number): Arrow {
  const [ax, ay] = placed(a, aspect);
  const [bx, by] = placed(b, aspect);
  const [nx, ny] = outward(a, b, aspect);
  // Off the middle, so that the arrow does not hide the place where most people cross.
  const from: Point = [ax + (bx - ax) * 0.66, ay + (by - ay) * 0.66];
  const reach = 0.16;
  const to: Point = [from[0] + nx * reach, from[1] + ny * reach];
  return { from, to, word: wordPlace(from, to, [nx, ny], aspect) };
}

/** Half the word's size, and what is kept free around it. */
const WORD = [0.17, 0.05] as const;

/** Beyond the arrow's head; where the frame ends there, beside the arrow, away from the nearer edge. */
function wordPlace(from: Point, to: Point, [nx, ny]: Point, aspect: number): Point {
  const beyond: Point = [to[0] + nx * WORD[0] * 0.75, to[1] + ny * WORD[1] * 1.2];
  if (inFrame(beyond, aspect)) return beyond;
  const side = (from[0] + to[0]) / 2 < aspect / 2 ? 1 : -1;
  return [
    within((from[0] + to[0]) / 2 + side * (WORD[0] + 0.03), WORD[0], aspect - WORD[0]),
    within((from[1] + to[1]) / 2, WORD[1], 1 - WORD[1]),
  ];
}

function inFrame([x, y]: Point, aspect: number): boolean {
  return x >= WORD[0] && x <= aspect - WORD[0] && y >= WORD[1] && y <= 1 - WORD[1];
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Where the trail goes through the line: the last such place, or null. */
export function crossingOf(path: readonly Point[], a: Point, b: Point): Point | null {
  for (let index = path.length - 1; index > 0; index -= 1) {
    const from = path[index - 1];
    const to = path[index];
    if (from === undefined || to === undefined) continue;
    const at = meeting(from, to, a, b);
    if (at !== null) return at;
  }
  return null;
}

/** Where the segments p→q and a→b meet; null when they do not, or run side by side. */
function meeting(p: Point, q: Point, a: Point, b: Point): Point | null {
  const rx = q[0] - p[0];
  const ry = q[1] - p[1];
  const sx = b[0] - a[0];
  const sy = b[1] - a[1];
  const cross = rx * sy - ry * sx;
  if (cross === 0) return null;
  const t = ((a[0] - p[0]) * sy - (a[1] - p[1]) * sx) / cross;
  const u = ((a[0] - p[0]) * ry - (a[1] - p[1]) * rx) / cross;
  if (t < 0 || t > 1 || u < 0 || u > 1) return null;
  return [p[0] + t * rx, p[1] + t * ry];
}
