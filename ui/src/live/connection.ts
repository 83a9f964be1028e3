/**
 * Keeps a site's wall current: a snapshot, then the stream after its position, for as long as the
 * page lives. Twelve seconds without a byte count as cut. After a short cut the stream resumes
 * where it was; after a longer one, or when the server does not know the position any more, the
 * snapshot is taken anew, so counts are never older than the page says.
 */
import {
  parseMessage,
  type Failure,
  type LiveEvent,
  type RawMessage,
  type Result,
  type Wall,
} from "../api/index.ts";
import { backoff } from "./backoff.ts";
import type { StreamHandlers } from "./stream.ts";

export const SILENCE_MS = 12_000;
const RESUME_MS = 30_000;

/** The world outside, so that tests hand in their own. `sleep` ends early when aborted. */
export interface LivePorts {
  readonly snapshot: (site: string, signal: AbortSignal) => Promise<Result<Wall>>;
  readonly stream: (
    site: string,
    after: number,
    handlers: StreamHandlers,
    signal: AbortSignal,
  ) => Promise<Failure | { readonly kind: "ended" }>;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface LiveListener {
  readonly onSnapshot: (wall: Wall) => void;
  readonly onEvent: (event: LiveEvent) => void;
  readonly onLink: (link: Link) => void;
}

export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** `since`: when something was last heard (this computer's clock); `attempt` counts from 1. */
  | {
      readonly kind: "lost";
      readonly since: number;
      readonly attempt: number;
      readonly failure: Failure | null;
    };

/** Why following stopped; `renew`: the snapshot is to be taken anew, nothing is wrong. */
type End = Failure | { readonly kind: "ended" } | { readonly kind: "renew" };

export class LiveConnection {
  private readonly stopped = new AbortController();
  private waiting = new AbortController();
  private position: number | null = null;
  private heardAt: number;
  private attempt = 0;
  private stale = true;

  private readonly site: string;
  private readonly ports: LivePorts;
  private readonly listener: LiveListener;

  constructor(site: string, ports: LivePorts, listener: LiveListener) {
    this.site = site;
    this.ports = ports;
    this.listener = listener;
    this.heardAt = ports.now();
  }

  /** Resolves when stopped. */
  async run(): Promise<void> {
    this.listener.onLink({ kind: "connecting" });
    while (!this.stopped.signal.aborted) {
      const end = await this.once();
      if (this.stopped.signal.aborted) return;
      if (end.kind === "renew") continue;
      this.attempt += 1;
      this.listener.onLink({
        kind: "lost",
        since: this.heardAt,
        attempt: this.attempt,
        failure: end.kind === "ended" ? null : end,
      });
      this.waiting = new AbortController();
      const either = AbortSignal.any([this.stopped.signal, this.waiting.signal]);
      await this.ports.sleep(backoff(this.attempt - 1, this.ports.random()), either);
    }
  }

  /** Does not wait out the pause before the next try: the network is back, or a person asks. */
  hurry(): void {
    this.waiting.abort();
  }

  stop(): void {
    this.stopped.abort();
  }

  private async once(): Promise<End> {
    const signal = this.stopped.signal;
    if (this.ports.now() - this.heardAt > RESUME_MS) this.stale = true;
    if (this.stale || this.position === null) {
      const wall = await this.ports.snapshot(this.site, signal);
      if (!wall.ok) return wall.failure;
      this.stale = false;
      this.position = wall.value.position;
      this.heardAt = this.ports.now();
      this.listener.onSnapshot(wall.value);
    }
    return this.follow(this.position);
  }

  private async follow(after: number): Promise<End> {
    const cut = new AbortController();
    const either = AbortSignal.any([this.stopped.signal, cut.signal]);
    const watch = this.watchSilence(cut, either);
    const handlers: StreamHandlers = {
      onOpen: () => {
        this.heardAt = this.ports.now();
        this.attempt = 0;
        this.listener.onLink({ kind: "live" });
      },
      onMessage: (raw) => {
        this.heardAt = this.ports.now();
        if (this.take(raw)) cut.abort();
      },
    };
    const end = await this.ports.stream(this.site, after, handlers, either);
    cut.abort();
    await watch;
    if (this.stale) return { kind: "renew" };
    return end.kind === "aborted" ? { kind: "offline" } : end;
  }

  /** Takes a message in; true: the stream is of no use any more, begin with a snapshot. */
  private take(raw: RawMessage): boolean {
    const event = parseMessage(raw);
    if (event === null) return false;
    if (event.type === "occupancy") {
      this.listener.onEvent(event);
      return false;
    }
    if (event.type === "reset" || event.type === "changed") {
      this.stale = true;
      return true;
    }
    if (event.type !== "tick" && event.position <= (this.position ?? -1)) return false;
    this.position = Math.max(this.position ?? 0, event.position);
    this.listener.onEvent(event);
    return false;
  }

  private async watchSilence(cut: AbortController, either: AbortSignal): Promise<void> {
    while (!either.aborted) {
      await this.ports.sleep(1000, either);
      if (this.ports.now() - this.heardAt > SILENCE_MS) cut.abort();
    }
  }
}
