/** What is known of the publication at this moment, in one line with an icon and a word. */
import { CameraOff, CircleCheck, CircleDashed, CircleOff, CloudOff, KeyRound } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import type { PublishRefusal } from "../api/index.ts";
import { clock } from "../time/index.ts";
import { m } from "../words/index.ts";
import css from "./publish.module.css";
import type { Publishing } from "./use-publishing.ts";
import type { Sending } from "./whip.ts";

const SIZE = { size: 20, "aria-hidden": true } as const;

export function StateLine({ state }: { readonly state: Publishing }) {
  const now = useNow();
  const { icon, title, detail } = lineOf(state, now);
  return (
    <div className={css.state} data-state={state.kind} role="status">
      {icon}
      <p>
        <strong>{title}</strong>
        {detail !== "" && <span>{detail}</span>}
      </p>
    </div>
  );
}

interface Line {
  readonly icon: ReactNode;
  readonly title: string;
  readonly detail: string;
}

function lineOf(state: Publishing, now: number): Line {
  switch (state.kind) {
    case "off":
      return { icon: <CircleOff {...SIZE} />, title: m.publish_off(), detail: "" };
    case "camera":
      return { icon: <CircleDashed {...SIZE} />, title: m.publish_camera(), detail: m.publish_camera_next() };
    case "no_camera":
      return {
        icon: <CameraOff {...SIZE} />,
        title: state.denied ? m.publish_denied() : m.publish_no_camera(),
        detail: state.denied ? m.publish_denied_next() : m.publish_no_camera_next(),
      };
    case "connecting":
      return { icon: <CircleDashed {...SIZE} />, title: m.publish_connecting(), detail: "" };
    case "on":
      return {
        icon: <CircleCheck {...SIZE} />,
        title: m.publish_on({ since: clock(state.since, ownZone()) }),
        detail: sendingWords(state.sending),
      };
    case "again": {
      const seconds = Math.max(0, Math.ceil((state.at - now) / 1000));
      const why = state.why.kind === "lost" ? m.publish_lost() : refusalWords(state.why.refusal);
      return { icon: <CloudOff {...SIZE} />, title: why, detail: m.publish_again({ count: seconds }) };
    }
    case "paired_anew":
      return { icon: <KeyRound {...SIZE} />, title: m.publish_token(), detail: m.publish_unpaired_next() };
  }
}

function sendingWords(sending: Sending | null): string {
  if (sending === null || sending.received === null) return m.publish_unheard();
  if (!sending.received) return m.publish_not_received();
  const { width, height, framesPerSecond } = sending;
  if (width === null || height === null) return m.publish_received();
  return m.publish_received_size({ width: String(width), height: String(height), fps: framesPerSecond ?? 0 });
}

function refusalWords(refusal: PublishRefusal): string {
  switch (refusal.kind) {
    case "offline":
      return m.publish_offline();
    case "taken":
      return m.publish_taken();
    case "busy":
      return m.publish_busy();
    case "token":
      return m.publish_token();
    case "other":
      return m.publish_refused({ detail: refusal.detail });
  }
}

const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return now;
}
