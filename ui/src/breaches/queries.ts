/** What the record's pages ask for, and when what they hold is out of date. */
import {
  infiniteQueryOptions,
  queryOptions,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect } from "react";
import {
  fetchBreach,
  fetchBreaches,
  fetchCamera,
  fetchEvidence,
  type BreachFilter,
  type Failure,
  type Result,
} from "../api/index.ts";
import { onBreachEvent } from "../live/index.ts";

/** A failed call as an error of the query library, which knows only thrown ones. */
export class CallFailed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.kind);
    this.failure = failure;
  }
}

export function failureFrom(error: Error): Failure {
  return error instanceof CallFailed
    ? error.failure
    : { kind: "other", detail: error.message, status: 0 };
}

async function valueOf<T>(answer: Promise<Result<T>>): Promise<T> {
  const result = await answer;
  if (result.ok) return result.value;
  throw new CallFailed(result.failure);
}

export const PAGE_SIZE = 100;

export const breachQuery = (id: string) =>
  queryOptions({
    queryKey: ["breach", id],
    queryFn: ({ signal }) => valueOf(fetchBreach(id, signal)),
  });

export const evidenceQuery = (breach: string) =>
  queryOptions({
    queryKey: ["evidence", breach],
    queryFn: ({ signal }) => valueOf(fetchEvidence(breach, signal)),
  });

export const cameraQuery = (id: string | null) =>
  queryOptions({
    queryKey: ["camera", id],
    queryFn: ({ signal }) => valueOf(fetchCamera(id ?? "", signal)),
    enabled: id !== null,
    staleTime: 60_000,
  });

export const historyQuery = (filter: BreachFilter) =>
  infiniteQueryOptions({
    queryKey: ["breaches", filter],
    queryFn: ({ pageParam, signal }) =>
      valueOf(fetchBreaches(filter, { limit: PAGE_SIZE, cursor: pageParam }, signal)),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const nearbyQuery = (filter: BreachFilter, enabled: boolean) =>
  queryOptions({
    queryKey: ["breaches", "nearby", filter],
    queryFn: ({ signal }) => valueOf(fetchBreaches(filter, { limit: 20, cursor: null }, signal)),
    enabled,
  });

const PAUSE_MS = 1000;

/** Has what is held asked for anew when the stream tells of a breach; at most once a second. */
export function useFreshBreaches(): void {
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const renew = (): void => {
      timer = null;
      void queries.invalidateQueries({ queryKey: ["breaches"] });
    };
    const stop = onBreachEvent((event) => {
      const id = event.type === "opened" ? event.breach.id : event.breach;
      void queries.invalidateQueries({ queryKey: ["breach", id] });
      timer ??= setTimeout(renew, PAUSE_MS);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [queries]);
}
