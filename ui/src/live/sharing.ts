/**
 * One event stream a browser: HTTP/1.1 gives it six connections, and every tab wants one. The tab
 * that holds the lock reads the stream and passes each message on; the others listen. A listener
 * first asks for what it missed; when the reader goes away, the lock makes another tab the reader,
 * which goes on after the last message it took. Without Web Locks each tab reads for itself.
 */
import type { Failure, RawMessage } from "../api/index.ts";
import { readStream, type StreamHandlers } from "./stream.ts";

type End = Failure | { readonly kind: "ended" };

/** Messages that the reading tab keeps for tabs that join. */
const KEPT = 500;

type Passed =
  | { readonly say: "message"; readonly message: RawMessage }
  | { readonly say: "open" }
  | { readonly say: "join"; readonly after: number };

export async function sharedStream(
  url: string,
  after: number,
  handlers: StreamHandlers,
  signal: AbortSignal,
): Promise<End> {
  if (!("locks" in navigator) || !("BroadcastChannel" in globalThis)) {
    return readStream(url, after, handlers, signal);
  }
  const channel = new BroadcastChannel(`wardwatch ${url}`);
  let last = after;
  const take = (message: RawMessage): void => {
    const position = Number(message.id);
    if (message.id !== undefined && Number.isSafeInteger(position)) {
      if (position <= last && message.event !== "tick") return;
      last = Math.max(last, position);
    }
    handlers.onMessage(message);
  };
  const listen = ({ data }: MessageEvent<Passed>): void => {
    if (data.say === "open") handlers.onOpen();
    if (data.say === "message") take(data.message);
  };
  channel.addEventListener("message", listen);
  channel.postMessage({ say: "join", after } satisfies Passed);
  try {
    return await navigator.locks.request(`wardwatch ${url}`, { signal }, () =>
      lead(url, last, { ...handlers, onMessage: take }, channel, signal),
    );
  } catch {
    return { kind: "aborted" }; // given up while waiting for the lock
  } finally {
    channel.close();
  }
}

async function lead(
  url: string,
  after: number,
  handlers: StreamHandlers,
  channel: BroadcastChannel,
  signal: AbortSignal,
): Promise<End> {
  const kept: RawMessage[] = [];
  const pass = (passed: Passed): void => channel.postMessage(passed);
  let reading = false;
  const answer = ({ data }: MessageEvent<Passed>): void => {
    if (data.say !== "join" || !reading) return;
    pass({ say: "open" });
    const missed = kept.filter((message) => Number(message.id) > data.after);
    for (const message of missed) pass({ say: "message", message });
  };
  channel.addEventListener("message", answer);
  return readStream(
    url,
    after,
    {
      onOpen: () => {
        reading = true;
        handlers.onOpen();
        pass({ say: "open" });
      },
      onMessage: (message) => {
        if (message.id !== undefined) kept.push(message);
        if (kept.length > KEPT) kept.shift();
        handlers.onMessage(message);
        pass({ say: "message", message });
      },
    },
    signal,
  );
}
