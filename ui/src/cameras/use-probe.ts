/** One try at a time: under way, and what came of the last. */
import { useEffect, useRef, useState } from "react";
import { probeCamera, type CameraProbe, type Failure, type ToProbe } from "../api/index.ts";

export type Probing =
  | { readonly kind: "idle" }
  /** `since`: of this page's clock, ms. */
  | { readonly kind: "running"; readonly since: number }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "done"; readonly probe: CameraProbe; readonly at: number; readonly tookMs: number };

export function useProbe(): {
  readonly probing: Probing;
  readonly start: (wanted: ToProbe) => void;
  readonly forget: () => void;
} {
  const [probing, setProbing] = useState<Probing>({ kind: "idle" });
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const start = (wanted: ToProbe): void => {
    leaving.current?.abort();
    const abort = new AbortController();
    leaving.current = abort;
    const since = Date.now();
    setProbing({ kind: "running", since });
    void probeCamera(wanted, abort.signal).then((answer) => {
      if (abort.signal.aborted) return;
      const at = Date.now();
      setProbing(
        answer.ok
          ? { kind: "done", probe: answer.value, at, tookMs: at - since }
          : { kind: "failed", failure: answer.failure },
      );
    });
  };
  const forget = (): void => {
    leaving.current?.abort();
    setProbing({ kind: "idle" });
  };
  return { probing, start, forget };
}
