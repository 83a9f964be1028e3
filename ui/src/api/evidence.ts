/** Evidence of a breach: what there is, and asking for what anybody may see of it. */
import { API, http, result, tellSignedOut } from "./client.ts";
import { failureOf, failureOfThrown, type Result } from "./result.ts";
import type { Evidence } from "./types.ts";

export const evidenceUrl = (id: string): string => `${API}/evidence/${encodeURIComponent(id)}`;

export const fetchEvidence = (
  breach: string,
  signal?: AbortSignal,
): Promise<Result<readonly Evidence[]>> =>
  result(async (both) => {
    const params = { path: { breach_id: breach } };
    const answer = await http.GET("/api/v1/breaches/{breach_id}/evidence", { params, signal: both });
    const { data, error, response } = answer;
    return data === undefined ? { error, response } : { data: data.items, response };
  }, signal);

/** Has the unreadable rendition made, unless that is done: whether it is there. One byte is asked for. */
export async function askRendition(id: string, signal?: AbortSignal): Promise<Result<boolean>> {
  try {
    const response = await fetch(evidenceUrl(id), {
      headers: { Range: "bytes=0-0" },
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.ok) {
      void response.body?.cancel();
      return { ok: true, value: response.status !== 202 };
    }
    const failure = failureOf(response.status, await response.json().catch(() => null));
    if (failure.kind === "not_signed_in") tellSignedOut();
    return { ok: false, failure };
  } catch (error) {
    return { ok: false, failure: failureOfThrown(error) };
  }
}
