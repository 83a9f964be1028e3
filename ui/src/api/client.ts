/** The generated client, wrapped once: every call answers a `Result`, none throws. */
import createClient from "openapi-fetch";
import type { paths } from "./generated/schema.ts";
import { failureOf, failureOfThrown, type Result } from "./result.ts";

export const API = "/api/v1";

/** Calls that get no answer in this time count as silence. */
const TIMEOUT_MS = 10_000;

export const http = createClient<paths>({ baseUrl: "", credentials: "same-origin" });

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

const onSignedOut = new Set<() => void>();

/** Tells when a call is answered 401: the session has ended, whoever asked. */
export function whenSignedOut(listener: () => void): () => void {
  onSignedOut.add(listener);
  return () => onSignedOut.delete(listener);
}

export function tellSignedOut(): void {
  for (const listener of onSignedOut) listener();
}

export async function result<T>(
  send: (signal: AbortSignal) => Promise<Answer<T>>,
  signal?: AbortSignal,
  timeoutMs: number = TIMEOUT_MS,
): Promise<Result<T>> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send(signal === undefined ? timeout : AbortSignal.any([timeout, signal]));
    if (answer.response.ok && answer.data !== undefined) return { ok: true, value: answer.data };
    const failure = failureOf(answer.response.status, answer.error);
    if (failure.kind === "not_signed_in") tellSignedOut();
    return { ok: false, failure };
  } catch (error) {
    return { ok: false, failure: failureOfThrown(error) };
  }
}

/** The same for calls that answer 204. */
export async function done(
  send: (signal: AbortSignal) => Promise<Answer<unknown>>,
): Promise<Result<null>> {
  return result<null>(async (signal) => {
    const { response, error } = await send(signal);
    return response.ok ? { response, data: null } : { response, error };
  });
}
