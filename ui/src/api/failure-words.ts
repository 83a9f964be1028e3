/** Failures in words: what happened, and what the person can do. */
import { m } from "../words/index.ts";
import type { Failure } from "./result.ts";

export interface FailureWords {
  readonly title: string;
  readonly next: string | null;
}

export function failureWords(failure: Failure): FailureWords {
  switch (failure.kind) {
    case "offline":
    case "aborted":
      return { title: m.error_offline(), next: m.error_offline_next() };
    case "not_signed_in":
      return { title: m.login_again_title(), next: null };
    case "sign_in_refused":
      return { title: m.error_sign_in(), next: null };
    case "too_many_tries":
      return { title: m.error_too_many(), next: null };
    case "busy":
      return { title: m.error_busy(), next: m.error_busy_next() };
    case "not_allowed":
      return { title: m.error_not_allowed(), next: null };
    case "not_found":
      return { title: m.error_not_found(), next: m.error_not_found_next() };
    case "already_acknowledged":
      return { title: m.state_acknowledged_capital(), next: m.ack_first_next() };
    case "already_closed":
      return { title: m.error_closed(), next: null };
    case "invalid":
      return { title: m.error_invalid(), next: failure.faults[0]?.reason ?? failure.detail };
    case "unavailable": {
      const id = failure.id === null ? "" : ` ${m.error_id({ id: failure.id })}.`;
      return { title: m.error_unavailable(), next: m.error_unavailable_next() + id };
    }
    case "other":
      return { title: m.error_unknown(), next: failure.detail };
  }
}
