import { describe, expect, test } from "vitest";
import type { LiveEvent, RawMessage, Result, Wall } from "../src/api/index.ts";
import { backoff } from "../src/live/backoff.ts";
import { LiveConnection, SILENCE_MS, type Link, type LivePorts } from "../src/live/connection.ts";
import { skewOf, withTick } from "../src/live/skew.ts";
import { wall } from "./samples.ts";

describe("the pause before the next try", () => {
  test("grows from a quarter of a second to ten, half of it by chance", () => {
    expect(backoff(0, 0)).toBe(250);
    expect(backoff(0, 0.99)).toBeLessThanOrEqual(500);
    expect(backoff(3, 0)).toBe(2000);
    expect(backoff(50, 0)).toBe(5000);
    expect(backoff(50, 1)).toBe(10_000);
  });

  test("is never outside its bounds", () => {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      for (const random of [0, 0.25, 0.5, 0.999]) {
        expect(backoff(attempt, random)).toBeGreaterThanOrEqual(250);
        expect(backoff(attempt, random)).toBeLessThanOrEqual(10_000);
      }
    }
  });
});

describe("the server's clock", () => {
  test("is the median of the last ten ticks: one slow tick moves nothing", () => {
    let samples = [5000, 5000, 5000].reduce((all, ahead) => withTick(all, ahead, 0), withTick([], 5000, 0));
    samples = withTick(samples, 0, 60_000);
    expect(skewOf(samples)).toBe(5000);
  });

  test("forgets what is older than ten", () => {
    let samples = withTick([], 90_000, 0);
    for (let tick = 0; tick < 10; tick += 1) samples = withTick(samples, 100, 0);
    expect(samples).toHaveLength(10);
    expect(skewOf(samples)).toBe(100);
  });

  test("is this computer's until something is known", () => expect(skewOf([])).toBe(0));
});

/** A world whose time moves only by sleeping, and whose server does what the script says. */
class FakeWorld {
  time = 0;
  readonly asked: number[] = [];
  snapshots = 0;
  readonly links: Link[] = [];
  readonly events: LiveEvent[] = [];
  readonly pauses: number[] = [];
  script: ((after: number, send: (raw: RawMessage) => void, signal: AbortSignal) => Promise<void>)[] = [];
  snapshot: () => Result<Wall> = () => ({ ok: true, value: wall() });
  connection: LiveConnection | null = null;

  private readonly sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  readonly ports: LivePorts = {
    snapshot: async () => {
      this.snapshots += 1;
      return this.snapshot();
    },
    stream: async (_, after, handlers, signal) => {
      this.asked.push(after);
      const act = this.script.shift();
      if (act === undefined) {
        this.connection?.stop();
        return { kind: "ended" };
      }
      handlers.onOpen();
      await act(after, handlers.onMessage, signal);
      return signal.aborted ? { kind: "aborted" } : { kind: "ended" };
    },
    now: () => this.time,
    random: () => 0,
    sleep: async (ms, signal) => {
      if (ms !== 1000) this.pauses.push(ms);
      await this.until(this.time + ms, signal);
    },
  };

  /** Sleeps of several run on one clock: the earliest wakes first and moves the time. */
  until(at: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const sleeper = { at, wake: resolve };
      this.sleepers.push(sleeper);
      signal.addEventListener("abort", () => resolve());
      setImmediate(() => this.advance());
    });
  }

  private advance(): void {
    this.sleepers.sort((a, b) => a.at - b.at);
    const next = this.sleepers.shift();
    if (next === undefined) return;
    this.time = Math.max(this.time, next.at);
    next.wake();
  }

  async run(): Promise<void> {
    this.connection = new LiveConnection("site-hk", this.ports, {
      onSnapshot: () => undefined,
      onEvent: (event) => this.events.push(event),
      onLink: (link) => this.links.push(link),
    });
    await this.connection.run();
  }
}

const updated = (position: number): RawMessage => ({
  id: String(position),
  event: "wardwatch.breach.updated",
  data: JSON.stringify({ time: "2026-11-23T20:00:00Z", data: { breach: "b", persons: 2 } }),
});

describe("the connection", () => {
  test("takes the snapshot, then streams after its position", async () => {
    const world = new FakeWorld();
    world.script = [async (_, send) => send(updated(101))];
    await world.run();
    expect(world.asked).toEqual([100, 101]);
    expect(world.snapshots).toBe(1);
    expect(world.events).toHaveLength(1);
  });

  test("drops what is told twice, and what is not understood", async () => {
    const world = new FakeWorld();
    world.script = [
      async (_, send) => {
        for (const position of [101, 101, 100, 102]) send(updated(position));
        send({ id: "103", event: "wardwatch.moon.rose", data: "{}" });
      },
    ];
    await world.run();
    expect(world.events.map((event) => ("position" in event ? event.position : 0))).toEqual([101, 102]);
  });

  test("a filtered stream still advances by its ticks", async () => {
    const world = new FakeWorld();
    world.script = [
      async (_, send) => send({ id: "150", event: "tick", data: '{"now":"2026-11-23T20:00:00Z","position":150}' }),
    ];
    await world.run();
    expect(world.asked).toEqual([100, 150]);
  });

  test("twelve silent seconds are a cut, told with when it was last heard", async () => {
    const world = new FakeWorld();
    world.script = [(_, __, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve()))];
    await world.run();
    expect(world.time).toBeGreaterThan(SILENCE_MS);
    expect(world.time).toBeLessThan(SILENCE_MS + 3000);
    expect(world.links.map((link) => link.kind)).toEqual(["connecting", "live", "lost"]);
    expect(world.links.at(-1)).toMatchObject({ since: 0, attempt: 1 });
  });

  test("a reset takes the snapshot anew, without an alarm", async () => {
    const world = new FakeWorld();
    world.script = [async (_, send) => send({ id: "7", event: "reset", data: '{"position":7}' }), async () => undefined];
    await world.run();
    expect(world.snapshots).toBe(2);
    expect(world.links.filter((link) => link.kind === "lost")).toHaveLength(1);
  });

  test("after a cut of more than half a minute the snapshot is taken anew", async () => {
    const world = new FakeWorld();
    world.script = [
      async () => {
        world.time += 40_000;
      },
      async () => undefined,
    ];
    await world.run();
    expect(world.snapshots).toBe(2);
  });

  test("a server that is away is tried with growing pauses", async () => {
    const world = new FakeWorld();
    let answers = 0;
    world.snapshot = () => {
      answers += 1;
      if (answers < 6) return { ok: false, failure: { kind: "offline" } };
      return { ok: true, value: wall() };
    };
    await world.run();
    expect(world.pauses.slice(0, 5)).toEqual([250, 500, 1000, 2000, 4000].filter((ms) => ms !== 1000));
  });
});
