import { useQuery, useQueryClient } from "@tanstack/react-query";
import { EyeOff, LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { askRendition, evidenceUrl, type Breach, type Evidence } from "../api/index.ts";
import { useNow } from "../live/index.ts";
import { Button } from "../parts/index.ts";
import { aspectOf, BreachOverlay, type DrawnCamera } from "../pictures/index.ts";
import { clock } from "../time/index.ts";
import { lossWord, m } from "../words/index.ts";
import { BreachPicture } from "./BreachPicture.tsx";
import { ClipPlayer } from "./ClipPlayer.tsx";
import { comes, shownOf } from "./evidence.ts";
import css from "./page.module.css";
import pictureCss from "../pictures/pictures.module.css";
import { cameraQuery, evidenceQuery } from "./queries.ts";

const AGAIN_MS = 2000;

/** What was kept of the breach; where nothing was, the place as its camera sees it now. */
export function BreachEvidence({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const now = useNow();
  const camera = useQuery(cameraQuery(breach.camera)).data;
  const query = useQuery(evidenceQuery(breach.id));
  const items = query.data ?? [];
  const again = query.isSuccess && comes(items, breach.opened_at, now);
  useAgain(breach, items.length, again, () => void query.refetch());
  const { snapshot, clips, best } = shownOf(items);
  const [chosen, choose] = useState<string | null>(null);
  const clip = clips.find((one) => one.id === chosen) ?? best;
  const gone = useRendition(clip);
  const playable = clip !== null && clip.state === "ready";
  if (breach.camera === null || (query.isFetched && !again && snapshot === null && !playable)) {
    return (
      <BreachPicture breach={breach} zone={zone} {...(clip === null ? {} : { told: wordsOf(clip, again, gone, zone) })} />
    );
  }
  return (
    <figure className={css.pictureBox}>
      {playable ? (
        <ClipPlayer key={clip.id} clip={clip} breach={breach} camera={camera} poster={snapshot} zone={zone} />
      ) : (
        <Snapshot breach={breach} snapshot={snapshot} camera={camera} zone={zone} />
      )}
      <figcaption className={css.pictureFoot}>
        <span role="status">{wordsOf(clip, again, gone, zone)}</span>
        {clips.length > 1 &&
          clips.map((one) => (
            <Button key={one.id} size="small" onClick={() => choose(one.id)}>
              {m.clip_part({ part: one.part, count: clips.length })}
            </Button>
          ))}
        {breach.why !== null && breach.why.reason === null && (
          <span>{m.breach_confidence({ share: Math.round(breach.why.confidence * 100) })}</span>
        )}
      </figcaption>
    </figure>
  );
}

/** Asks again while something may come, and tells the breach's own query of what has come. */
function useAgain(breach: Breach, count: number, again: boolean, ask: () => void): void {
  const queries = useQueryClient();
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    if (!again) return;
    const timer = setInterval(() => latest.current(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [again]);
  useEffect(() => {
    if (count > 0) void queries.invalidateQueries({ queryKey: ["breach", breach.id] });
  }, [queries, breach.id, count]);
}

/** Has the clip made unreadable as soon as somebody looks at the page; true: it cannot be made. */
function useRendition(clip: Evidence | null): boolean {
  const [failed, setFailed] = useState<string | null>(null);
  const id = clip?.state === "sealed" ? clip.id : null;
  useEffect(() => {
    if (id === null) return;
    const leaving = new AbortController();
    void askRendition(id, leaving.signal).then((answer) => {
      if (!leaving.signal.aborted && !answer.ok && answer.failure.kind !== "offline") setFailed(id);
    });
    return () => leaving.abort();
  }, [id]);
  return failed !== null && failed === clip?.id;
}

function wordsOf(clip: Evidence | null, again: boolean, gone: boolean, zone: string): string {
  if (clip === null) return again ? m.clip_coming() : m.clip_none();
  if (gone) return m.clip_failed();
  switch (clip.state) {
    case "writing":
      return m.clip_writing({ time: clock(Date.parse(clip.ends_at), zone) });
    case "sealed":
    case "making":
      return m.clip_making({ share: clip.done_pct ?? 0 });
    case "missing":
      return m.clip_missing();
    case "locked":
      return m.clip_locked();
    case "lost":
      return m.clip_lost({ why: lossWord(clip.loss ?? "") });
    case "ready": {
      const from = clock(Date.parse(clip.begins_at), zone);
      const to = clock(Date.parse(clip.ends_at), zone);
      return clip.loss === null
        ? m.clip_shown({ from, to })
        : m.clip_cut({ from, to, why: lossWord(clip.loss) });
    }
  }
}

function Snapshot({
  breach,
  snapshot,
  camera,
  zone,
}: {
  readonly breach: Breach;
  readonly snapshot: Evidence | null;
  readonly camera: DrawnCamera | undefined;
  readonly zone: string;
}) {
  const aspect = camera === undefined ? undefined : { aspectRatio: aspectOf(camera) };
  if (snapshot === null) {
    return (
      <span className={pictureCss.frame} style={aspect} aria-busy="true">
        <span className={pictureCss.none}>
          <LoaderCircle size={24} className={pictureCss.spin} aria-hidden="true" />
        </span>
      </span>
    );
  }
  const time = clock(Date.parse(snapshot.begins_at), zone);
  return (
    <span className={pictureCss.frame} style={aspect} data-evidence="snapshot">
      <img
        className={pictureCss.image}
        src={evidenceUrl(snapshot.id)}
        alt={m.snapshot_alt({ time })}
      />
      {camera !== undefined && <BreachOverlay breach={breach} camera={camera} full />}
      <span className={pictureCss.caption}>
        <EyeOff size={16} aria-hidden="true" />
        <span>{m.snapshot_of({ time })}</span>
      </span>
    </span>
  );
}
