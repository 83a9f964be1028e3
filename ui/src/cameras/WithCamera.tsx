import { useEffect, useState, type ReactNode } from "react";
import { fetchCamera, type Camera, type Failure } from "../api/index.ts";
import { FailureBlank } from "../parts/index.ts";

/** Fetched once, by its id; in its place why it cannot be had. */
export function WithCamera({
  id,
  children,
}: {
  readonly id: string;
  readonly children: (camera: Camera) => ReactNode;
}) {
  const [loaded, setLoaded] = useState<Camera | Failure | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    void fetchCamera(id, abort.signal).then((answer) => {
      if (!abort.signal.aborted) setLoaded(answer.ok ? answer.value : answer.failure);
    });
    return () => abort.abort();
  }, [id]);
  if (loaded === null) return null;
  return "kind" in loaded ? <FailureBlank failure={loaded} /> : children(loaded);
}
