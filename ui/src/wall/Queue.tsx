import { Bell, Check, VideoOff } from "lucide-react";
import type { Breach, WallCamera } from "../api/index.ts";
import { useNow } from "../live/index.ts";
import { ago, clock, clockDuration } from "../time/index.ts";
import { aboutWord, cameraReasonWord, kindWord, m } from "../words/index.ts";
import { commonCause } from "./queue.ts";
import { choose } from "./store.ts";
import css from "./wall.module.css";

/** Rows drawn at most; the rest is told by number. */
const ROWS = 20;

export function Queue({ queue, zone }: { readonly queue: readonly Breach[]; readonly zone: string }) {
  if (queue.length === 0) return null;
  const hidden = queue.length - ROWS;
  return (
    <section aria-label={m.rail_next()}>
      <h2 className={css.queueHead}>
        <span>{m.rail_next()}</span>
        <span>{queue.length}</span>
      </h2>
      <ul>
        {queue.slice(0, ROWS).map((breach) => (
          <li key={breach.id}>
            <QueueRow breach={breach} zone={zone} />
          </li>
        ))}
      </ul>
      {hidden > 0 && <p className={css.railNote}>{m.rail_more({ count: hidden })}</p>}
    </section>
  );
}

function QueueRow({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const now = useNow();
  const open = breach.state === "open";
  const Icon = open ? Bell : Check;
  const tone = open ? css.toneOpen : css.toneAck;
  const opened = Date.parse(breach.opened_at);
  const side = open
    ? ago(now - opened)
    : breach.acknowledged_by_name === null
      ? m.rail_acknowledged()
      : m.rail_acknowledged_by({ name: breach.acknowledged_by_name });
  return (
    <button
      type="button"
      className={css.queueRow}
      data-breach={breach.id}
      onClick={() => choose(breach.id)}
    >
      <span className={`${css.queueIcon} ${tone}`}>
        <Icon size={20} aria-hidden="true" />
      </span>
      <span className={css.queueName}>{kindWord(breach.kind)}</span>
      <time className={css.queueTime} dateTime={breach.opened_at}>
        {clock(opened, zone)}
      </time>
      <span className={css.second}>
        {[breach.camera_name, aboutWord(breach)].filter(Boolean).join(" · ")}
      </span>
      <span className={`${css.queueSide} ${tone}`}>{side}</span>
    </button>
  );
}

/** Cameras that have no picture by the server's account; five in a minute are one cause. */
export function Faults({ cameras, zone }: { readonly cameras: readonly WallCamera[]; readonly zone: string }) {
  const now = useNow();
  const lost = cameras.filter((camera) => camera.state === "offline");
  if (lost.length === 0) return null;
  const times = lost.map((camera) => Date.parse(camera.since ?? ""));
  const cause = commonCause(lost);
  const since = Math.min(...times.filter((at) => !Number.isNaN(at)));
  return (
    <section aria-label={m.rail_devices()}>
      <h2 className={css.queueHead}>
        <span>{m.rail_devices()}</span>
        <span>{lost.length}</span>
      </h2>
      <ul>
        {cause !== null ? (
          <li>
            <FaultRow
              title={m.rail_power({ count: lost.length })}
              next={cause === "worker" ? cameraReasonWord("worker_lost") : m.rail_power_next()}
              since={since}
              zone={zone}
              now={now}
            />
          </li>
        ) : (
          lost.map((camera) => (
            <li key={camera.id}>
              <FaultRow
                title={m.picture_lost()}
                next={`${camera.short_name || camera.name} · ${m.tile_people_unknown()}`}
                since={Date.parse(camera.since ?? "")}
                zone={zone}
                now={now}
              />
            </li>
          ))
        )}
      </ul>
    </section>
  );
}

function FaultRow({
  title,
  next,
  since,
  zone,
  now,
}: {
  readonly title: string;
  readonly next: string;
  readonly since: number;
  readonly zone: string;
  readonly now: number;
}) {
  const known = Number.isFinite(since);
  return (
    <div className={css.queueRow}>
      <span className={`${css.queueIcon} ${css.toneFault}`}>
        <VideoOff size={20} aria-hidden="true" />
      </span>
      <span className={css.queueName}>{title}</span>
      <span className={css.queueTime}>{known ? clock(since, zone) : ""}</span>
      <span className={css.second}>{next}</span>
      <span className={`${css.queueSide} ${css.toneFault}`}>
        {known ? clockDuration(now - since) : m.unknown()}
      </span>
    </div>
  );
}
