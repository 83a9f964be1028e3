import { useMemo, useRef, type CSSProperties, type KeyboardEvent } from "react";
import type { Breach, Observation, WallCamera } from "../api/index.ts";
import { m } from "../words/index.ts";
import { columnsFor } from "./columns.ts";
import { Tile } from "./Tile.tsx";
import css from "./wall.module.css";

const NONE: readonly Breach[] = [];

interface Props {
  readonly cameras: readonly WallCamera[];
  readonly breaches: readonly Breach[];
  readonly observations: readonly Observation[];
  readonly zone: string;
  readonly onEnlarge: (camera: string) => void;
}

/** The cameras in the installer's order, never re-sorted. Arrows move between them. */
export function Grid({ cameras, breaches, observations, zone, onEnlarge }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const byCamera = useMemo(() => groupByCamera(breaches), [breaches]);
  const columns = columnsFor(cameras.length);
  const rows = Math.max(1, Math.ceil(cameras.length / columns));

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (step === undefined || list.current === null) return;
    const buttons = [...list.current.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = buttons[at + step];
    if (at === -1 || next === undefined) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <div className={css.gridBox}>
      <ul
        ref={list}
        className={css.grid}
        style={{ "--cols": columns, "--rows": rows } as CSSProperties}
        aria-label={m.wall_cameras()}
        onKeyDown={onKeyDown}
      >
        {cameras.map((camera) => (
          <Tile
            key={camera.id}
            camera={camera}
            zone={zone}
            breaches={byCamera.get(camera.id) ?? NONE}
            observedAt={lastObserved(camera.id, observations)}
            onEnlarge={onEnlarge}
          />
        ))}
      </ul>
    </div>
  );
}

/** Observations come newest first. */
function lastObserved(camera: string, observations: readonly Observation[]): number | null {
  const last = observations.find((one) => one.camera === camera);
  return last === undefined ? null : Date.parse(last.time);
}

function groupByCamera(breaches: readonly Breach[]): ReadonlyMap<string, readonly Breach[]> {
  const groups = new Map<string, Breach[]>();
  for (const breach of breaches) {
    if (breach.camera === null) continue;
    const group = groups.get(breach.camera);
    if (group === undefined) groups.set(breach.camera, [breach]);
    else group.push(breach);
  }
  return groups;
}
