import { describe, expect, test } from "vitest";
import type { Breach, Result } from "../src/api/index.ts";
import { RETRY_MS, sendAcknowledgement, type AckPorts } from "../src/breaches/answers.ts";
import { breach } from "./samples.ts";

function world(answer: (tries: number) => Result<Breach>): AckPorts & { readonly seen: { tries: number; time: number } } {
  const seen = { tries: 0, time: 0 };
  return {
    seen,
    send: async () => {
      seen.tries += 1;
      return answer(seen.tries);
    },
    now: () => seen.time,
    random: () => 0.5,
    sleep: async (ms) => {
      seen.time += ms;
    },
  };
}

const done: Result<Breach> = { ok: true, value: breach({ state: "acknowledged" }) };
const offline: Result<Breach> = { ok: false, failure: { kind: "offline" } };

describe("an acknowledgement", () => {
  test("that arrives is sent once", async () => {
    const ports = world(() => done);
    expect(await sendAcknowledgement("b", ports)).toBe(done);
    expect(ports.seen.tries).toBe(1);
  });

  test("that the network swallows is sent again", async () => {
    const ports = world((tries) => (tries < 4 ? offline : done));
    expect((await sendAcknowledgement("b", ports)).ok).toBe(true);
    expect(ports.seen.tries).toBe(4);
  });

  test("is given up after thirty seconds, and says so", async () => {
    const ports = world(() => offline);
    expect(await sendAcknowledgement("b", ports)).toBe(offline);
    expect(ports.seen.time).toBeGreaterThan(RETRY_MS - 4000);
    expect(ports.seen.time).toBeLessThanOrEqual(RETRY_MS);
  });

  test.each([
    { kind: "already_acknowledged", byName: "Lan", at: 0 },
    { kind: "not_signed_in" },
    { kind: "not_found" },
  ] as const)("that is refused ($kind) is not sent again", async (failure) => {
    const ports = world(() => ({ ok: false, failure }));
    await sendAcknowledgement("b", ports);
    expect(ports.seen.tries).toBe(1);
  });
});
