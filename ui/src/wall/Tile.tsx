import { Bell, Check, LoaderCircle, TriangleAlert, Users, VideoOff } from "lucide-react";
import { memo } from "react";
import type { Breach, WallCamera } from "../api/index.ts";
import { inOrder } from "../breaches/index.ts";
import { useNow } from "../live/index.ts";
import { Picture, usePicture, type PictureState } from "../pictures/index.ts";
import { age, clock } from "../time/index.ts";
import { cameraReasonWord, m, peopleWord, shortKindWord } from "../words/index.ts";
import css from "./wall.module.css";

interface Props {
  readonly camera: WallCamera;
  readonly zone: string;
  /** This camera's open and acknowledged breaches. */
  readonly breaches: readonly Breach[];
  /** When this camera last saw something that needs no answer; ms. */
  readonly observedAt: number | null;
  readonly onEnlarge: (camera: string) => void;
}

const FRESH_MS = 5000;
/** How long a tile tells of an observation. */
const OBSERVED_MS = 600_000;

/** One camera: its picture, and under it, never over it, who it is and how it stands. */
export const Tile = memo(function Tile({ camera, zone, breaches, observedAt, onEnlarge }: Props) {
  const open = breaches.filter((breach) => breach.state === "open");
  const shown = open.length > 0 ? "open" : breaches.length > 0 ? "acknowledged" : null;
  const { state, url, unlooked } = usePicture(camera, { width: 640, urgent: shown === "open" });
  const now = useNow();
  const newest = open.toSorted((a, b) => Date.parse(b.opened_at) - Date.parse(a.opened_at))[0];
  const faulty = shown === null && (state.kind === "lost" || troubled(camera));
  const classes = [
    css.tile,
    shown !== null && css[shown],
    faulty && css.faulty,
    newest !== undefined && now - Date.parse(newest.opened_at) < FRESH_MS && css.fresh,
  ];
  const name = camera.short_name || camera.name;
  const observed = observedAt !== null && now - observedAt < OBSERVED_MS;
  return (
    <li
      className={classes.filter(Boolean).join(" ")}
      data-camera={camera.id}
      data-shown={shown ?? "normal"}
      data-newest={newest?.id}
    >
      <button type="button" className={css.tilePicture} onClick={() => onEnlarge(camera.id)}>
        <span className="hidden-but-read">{m.tile_enlarge({ name })}</span>
        <Picture camera={camera} zone={zone} state={state} url={url} />
      </button>
      <Strip
        camera={camera}
        state={state}
        unlooked={unlooked}
        breaches={breaches}
        shown={shown}
        observed={observed ? m.tile_observed({ time: clock(observedAt, zone) }) : ""}
      />
    </li>
  );
});

interface StripProps {
  readonly camera: WallCamera;
  readonly state: PictureState;
  /** Hidden whole until somebody has looked for people in it. */
  readonly unlooked: boolean;
  readonly breaches: readonly Breach[];
  readonly shown: "open" | "acknowledged" | null;
  readonly observed: string;
}

function Strip({ camera, state, unlooked, breaches, shown, observed }: StripProps) {
  const gone = state.kind === "lost";
  return (
    <div className={css.strip}>
      {shown === "open" && <Bell size={20} aria-hidden="true" />}
      {shown === "acknowledged" && <Check size={20} aria-hidden="true" />}
      {shown === null && gone && <VideoOff size={20} aria-hidden="true" />}
      {shown === null && state.kind === "shown" && troubled(camera) && (
        <TriangleAlert size={20} aria-hidden="true" />
      )}
      {shown === null && state.kind === "connecting" && <LoaderCircle size={20} aria-hidden="true" />}
      <span className={css.name}>{camera.short_name || camera.name}</span>
      <What
        camera={camera}
        state={state}
        unlooked={unlooked}
        breaches={breaches}
        shown={shown}
        observed={observed}
      />
      <Count camera={camera} gone={gone} plain={shown !== "open"} />
    </div>
  );
}

function What({ camera, state, unlooked, breaches, shown, observed }: StripProps) {
  if (shown === "open") return <span className={css.what}>{openWords(breaches)}</span>;
  if (shown === "acknowledged") return <span className={css.what}>{acknowledgedWords(breaches)}</span>;
  if (state.kind === "lost") return <span className={css.what}>{m.picture_lost()}</span>;
  if (troubled(camera)) {
    const word = camera.reason === null ? m.camera_degraded() : cameraReasonWord(camera.reason);
    return <span className={css.what}>{word}</span>;
  }
  const quiet = unlooked ? m.tile_unlooked() : quietWords(state);
  return <span className={`${css.what} ${css.quietWhat}`}>{quiet || observed}</span>;
}

/** It gives a picture, and something is the matter with it, or nobody looks at it. */
const troubled = (camera: WallCamera): boolean =>
  camera.state === "degraded" || camera.reason === "no_detector";

function openWords(breaches: readonly Breach[]): string {
  const open = inOrder(breaches).filter((breach) => breach.state === "open");
  const kinds = new Set(open.map((breach) => breach.kind));
  const first = open[0];
  if (first === undefined) return "";
  if (kinds.size > 1) return m.tile_count_breaches({ count: open.length });
  const kind = shortKindWord(first.kind);
  return open.length > 1 ? m.tile_kind_times({ kind, times: open.length }) : kind;
}

function acknowledgedWords(breaches: readonly Breach[]): string {
  const first = inOrder(breaches)[0];
  if (first === undefined) return "";
  if (breaches.length > 1) return m.tile_count_breaches({ count: breaches.length });
  return [shortKindWord(first.kind), first.acknowledged_by_name].filter(Boolean).join(" · ");
}

/** A still older than two seconds says so, long before it is taken away. */
const OLD_MS = 2500;

function quietWords(state: PictureState): string {
  if (state.kind === "connecting") return m.picture_connecting().toLowerCase();
  if (state.kind === "disabled") return m.picture_disabled().toLowerCase();
  if (state.kind === "shown" && state.age > OLD_MS) return m.tile_still_age({ age: age(state.age) });
  return "";
}

function Count({
  camera,
  gone,
  plain,
}: {
  readonly camera: WallCamera;
  readonly gone: boolean;
  readonly plain: boolean;
}) {
  if (gone || camera.persons === null) {
    const ill = gone || camera.state === "degraded";
    const look = plain && ill ? `${css.count} ${css.unknownCount}` : css.count;
    return <span className={look}>{m.unknown()}</span>;
  }
  return (
    <span className={css.count}>
      <Users size={18} aria-hidden="true" />
      <span aria-hidden="true">{camera.persons}</span>
      <span className="hidden-but-read">{peopleWord(camera.persons)}</span>
    </span>
  );
}
