/** The event stream over `fetch`: `EventSource` hides silence and cannot say where to begin. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import { failureOf, failureOfThrown, type Failure, type RawMessage } from "../api/index.ts";

export interface StreamHandlers {
  /** Bytes arrived: an event, a tick or a comment. */
  readonly onMessage: (message: RawMessage) => void;
  readonly onOpen: () => void;
}

/** Reads until the stream ends; the answer says why it did. Never throws. */
export async function readStream(
  url: string,
  after: number,
  handlers: StreamHandlers,
  signal: AbortSignal,
): Promise<Failure | { readonly kind: "ended" }> {
  try {
    const response = await fetch(url, {
      headers: { Accept: "text/event-stream", "Last-Event-ID": String(after) },
      cache: "no-store",
      signal,
    });
    if (!response.ok || response.body === null) {
      return failureOf(response.status, await response.json().catch(() => null));
    }
    handlers.onOpen();
    const messages = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream());
    for await (const { id, event, data } of messages) handlers.onMessage({ id, event, data });
    return { kind: "ended" };
  } catch (error) {
    return failureOfThrown(error);
  }
}
