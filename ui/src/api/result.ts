/**
 * What a call came to. The screen must treat each: a value, a problem that the server states, or
 * silence (no network, a time-out). Problem details (RFC 9457) become a union by their `type`.
 */
import * as v from "valibot";

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

export type Failure =
  | { readonly kind: "offline" }
  | { readonly kind: "aborted" }
  | { readonly kind: "not_signed_in" }
  | { readonly kind: "sign_in_refused" }
  | { readonly kind: "too_many_tries" }
  /** With the last thing of this kind that the same person asked for. */
  | { readonly kind: "busy" }
  | { readonly kind: "not_allowed" }
  | { readonly kind: "not_found" }
  | { readonly kind: "already_acknowledged"; readonly byName: string; readonly at: number }
  | { readonly kind: "already_closed" }
  | { readonly kind: "invalid"; readonly faults: readonly FieldFault[]; readonly detail: string }
  | { readonly kind: "unavailable"; readonly id: string | null }
  | { readonly kind: "other"; readonly detail: string; readonly status: number };

export interface FieldFault {
  readonly field: string;
  readonly reason: string;
}

const ProblemDetails = v.object({
  type: v.optional(v.string(), "about:blank"),
  title: v.optional(v.string(), ""),
  detail: v.optional(v.nullable(v.string()), null),
  field: v.optional(v.nullable(v.string()), null),
  errors: v.optional(v.array(v.object({ field: v.string(), reason: v.string() })), []),
  by: v.optional(v.nullable(v.string()), null),
  by_name: v.optional(v.nullable(v.string()), null),
  at: v.optional(v.nullable(v.string()), null),
  id: v.optional(v.nullable(v.string()), null),
});

/** The failure that an answer of `status` with this body is. Never throws. */
export function failureOf(status: number, body: unknown): Failure {
  const parsed = v.safeParse(ProblemDetails, body);
  const problem = parsed.success ? parsed.output : v.parse(ProblemDetails, {});
  const slug = problem.type.slice(Math.max(problem.type.lastIndexOf(":"), problem.type.lastIndexOf("/")) + 1);
  const detail = problem.detail ?? problem.title;
  switch (slug.replaceAll("_", "-")) {
    case "already-acknowledged":
      return {
        kind: "already_acknowledged",
        byName: problem.by_name ?? problem.by ?? "",
        at: Date.parse(problem.at ?? ""),
      };
    case "already-closed":
      return { kind: "already_closed" };
    case "sign-in-refused":
      return status === 429 ? { kind: "too_many_tries" } : { kind: "sign_in_refused" };
    case "still-busy":
      return { kind: "busy" };
    case "invalid":
    case "outside-the-tree":
      return { kind: "invalid", faults: faultsOf(problem), detail };
  }
  return byStatus(status, detail, problem.id, faultsOf(problem));
}

function faultsOf(problem: v.InferOutput<typeof ProblemDetails>): readonly FieldFault[] {
  if (problem.errors.length > 0) return problem.errors;
  return problem.field === null ? [] : [{ field: problem.field, reason: problem.detail ?? "" }];
}

function byStatus(
  status: number,
  detail: string,
  id: string | null,
  faults: readonly FieldFault[],
): Failure {
  if (status === 401) return { kind: "not_signed_in" };
  if (status === 403) return { kind: "not_allowed" };
  if (status === 404) return { kind: "not_found" };
  if (status === 422 || status === 400) return { kind: "invalid", faults, detail };
  if (status === 429) return { kind: "too_many_tries" };
  if (status >= 500) return { kind: "unavailable", id };
  return { kind: "other", detail, status };
}

/** The failure that a thrown `fetch` is. */
export function failureOfThrown(error: unknown): Failure {
  if (error instanceof DOMException && error.name === "AbortError") return { kind: "aborted" };
  return { kind: "offline" };
}
