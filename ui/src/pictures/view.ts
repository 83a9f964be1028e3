/** A live view of one camera as a component has it: opening, shown, or waiting to be tried again. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure } from "../api/index.ts";
import { retryAfter } from "./retry.ts";
import { watchLive, type ViewEnd } from "./whep.ts";

export type View =
  | { readonly kind: "opening" }
  | { readonly kind: "open"; readonly stream: MediaStream; readonly shown: boolean }
  | { readonly kind: "failed"; readonly failure: Failure | null };

export interface LiveView {
  readonly view: View;
  readonly onFrame: () => void;
  readonly onStalled: () => void;
}

/** The blurred view, tried again for as long as it is wanted. */
export function useLiveView(camera: string, wanted: boolean): LiveView {
  const [view, setView] = useState<View>({ kind: "opening" });
  const seen = useRef(false);
  const end = useRef<(how: ViewEnd) => void>(() => undefined);
  useEffect(() => {
    if (!wanted || typeof RTCPeerConnection === "undefined") return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let leave = (): void => undefined;
    const begin = (failures: number): void => {
      seen.current = false;
      timer = undefined;
      end.current = (how) => again(failures, how);
      leave = watchLive(camera, null, {
        onStream: (stream) => setView({ kind: "open", stream, shown: false }),
        onEnd: (how) => again(failures, how),
      });
    };
    const again = (failures: number, how: ViewEnd): void => {
      if (timer !== undefined) return;
      leave();
      setView({ kind: "failed", failure: how.kind === "refused" ? how.failure : null });
      // One that had been shown is tried like the first.
      const next = seen.current ? 0 : failures;
      timer = setTimeout(() => begin(next + 1), retryAfter(next, Math.random()));
    };
    begin(0);
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [camera, wanted]);
  const onFrame = useCallback(() => {
    seen.current = true;
    setView((now) => (now.kind === "open" ? { ...now, shown: true } : now));
  }, []);
  const onStalled = useCallback(() => end.current({ kind: "lost" }), []);
  return { view, onFrame, onStalled };
}

/** One clear view; it is not tried again, for its leave is used up. */
export function useClearView(camera: string, grant: string, onEnd: (failure: Failure | null) => void): LiveView {
  const [view, setView] = useState<View>({ kind: "opening" });
  const told = useRef(onEnd);
  useEffect(() => {
    told.current = onEnd;
  });
  useEffect(
    () =>
      watchLive(camera, grant, {
        onStream: (stream) => setView({ kind: "open", stream, shown: false }),
        onEnd: (how) => told.current(how.kind === "refused" ? how.failure : null),
      }),
    [camera, grant],
  );
  const onFrame = useCallback(
    () => setView((now) => (now.kind === "open" ? { ...now, shown: true } : now)),
    [],
  );
  const onStalled = useCallback(() => told.current(null), []);
  return { view, onFrame, onStalled };
}
