/**
 * Answering a breach. An acknowledgement that the network swallows is sent again for 30 seconds,
 * then shown in red: the breach is still open. Whoever was first is news, not an error.
 */
import { create } from "zustand";
import { acknowledge, type Breach, type Failure, type Result } from "../api/index.ts";
import { backoff } from "../live/backoff.ts";
import { putBreach } from "../live/index.ts";

export const RETRY_MS = 30_000;

export type Sending =
  | { readonly kind: "sending" }
  | { readonly kind: "unsent"; readonly breach: Breach };

export interface First {
  readonly breach: string;
  readonly byName: string;
  readonly at: number;
}

interface Answers {
  /** Acknowledgements that have not been answered yet, by breach. */
  readonly sending: Readonly<Record<string, Sending>>;
  /** Somebody else was first; shown until the next answer. */
  readonly first: First | null;
  /** A refusal that trying again does not mend. */
  readonly refused: Failure | null;
}

export const useAnswers = create<Answers>(() => ({ sending: {}, first: null, refused: null }));

export interface AckPorts {
  readonly send: (id: string) => Promise<Result<Breach>>;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Sends until it is answered or 30 s are over. Pure but for its ports. */
export async function sendAcknowledgement(id: string, ports: AckPorts): Promise<Result<Breach>> {
  const until = ports.now() + RETRY_MS;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ports.send(id);
    if (answer.ok || !passing(answer.failure)) return answer;
    const pause = Math.min(backoff(attempt, ports.random()), 3000);
    if (ports.now() + pause >= until) return answer;
    await ports.sleep(pause);
  }
}

/** Whether a failure may be over in a moment; a refusal is not. */
function passing(failure: Failure): boolean {
  return failure.kind === "offline" || failure.kind === "aborted" || failure.kind === "unavailable";
}

const ports: AckPorts = {
  send: acknowledge,
  now: () => performance.now(),
  random: Math.random,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Acknowledges; asking twice while the first is on its way does nothing. Answers true once done. */
export async function acknowledgeBreach(breach: Breach): Promise<boolean> {
  if (breach.state !== "open" || useAnswers.getState().sending[breach.id]?.kind === "sending") {
    return false;
  }
  mark(breach.id, { kind: "sending" });
  useAnswers.setState({ first: null, refused: null });
  const answer = await sendAcknowledgement(breach.id, ports);
  if (answer.ok) {
    putBreach(answer.value);
    mark(breach.id, null);
    return true;
  }
  const { failure } = answer;
  if (passing(failure)) {
    mark(breach.id, { kind: "unsent", breach });
    return false;
  }
  mark(breach.id, null);
  if (failure.kind === "already_acknowledged") {
    useAnswers.setState({ first: { breach: breach.id, byName: failure.byName, at: failure.at } });
  } else if (failure.kind !== "not_signed_in") {
    useAnswers.setState({ refused: failure });
  }
  return false;
}

export function dismissRemarks(): void {
  useAnswers.setState({ first: null, refused: null });
}

function mark(breach: string, sending: Sending | null): void {
  const { [breach]: _, ...others } = useAnswers.getState().sending;
  useAnswers.setState({ sending: sending === null ? others : { ...others, [breach]: sending } });
}
