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
  const [attempt, setAttempt] = useState(0);
  const [view, setView] = useState<View>({ kind: "opening" });
  const failures = useRef(0);
  const end = useRef<(how: ViewEnd) => void>(() => undefined);
  useEffect(() => {
    if (!wanted || typeof RTCPeerConnection === "undefined") return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = watchLive(camera, null, {
      onStream: (stream) => setView({ kind: "open", stream, shown: false }),
      onEnd: (how) => end.current(how),
    });
    end.current = (how) => {
      leave();
      setView({ kind: "failed", failure: how.kind === "refused" ? how.failure : null });
      timer ??= setTimeout(
        () => setAttempt((before) => before + 1),
        retryAfter(failures.current, Math.random()),
      );
      failures.current += 1;
    };
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [camera, wanted, attempt]);
  const onFrame = useCallback(() => {
    failures.current = 0;
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
