import { CircleAlert, ScanEye, Unplug, VolumeX } from "lucide-react";
import { acknowledgeBreach, useAnswers } from "../breaches/index.ts";
import { hurryLive, SILENCE_MS, useLive, useNow } from "../live/index.ts";
import { Button, Notice } from "../parts/index.ts";
import { testTone, useSound } from "../sound/index.ts";
import { clock } from "../time/index.ts";
import css from "./app.module.css";
import { kindWord, m } from "../words/index.ts";

/** A cut is told after this long; a reconnect within it is nobody's business. */
const TELL_MS = 2000;

/** Bars across the page: the screen itself is deaf, mute, or could not send. */
export function Notices() {
  return (
    <div className={css.notices}>
      <Disconnected />
      <DetectorGone />
      <Unsent />
      <SoundOff />
    </div>
  );
}

function Disconnected() {
  const link = useLive((live) => live.link);
  const asOf = useLive((live) => live.asOf);
  const zone = useLive((live) => live.wall?.site.timezone);
  const now = useNow();
  if (asOf === null || zone === undefined) return null;
  const silent = now - asOf;
  const told = (link.kind === "lost" && silent > TELL_MS) || silent > SILENCE_MS;
  if (!told) return null;
  const attempt = link.kind === "lost" ? link.attempt : 1;
  return (
    <Notice
      look="fault"
      icon={<Unplug size={24} aria-hidden="true" />}
      title={m.link_lost({ seconds: Math.floor(silent / 1000) })}
      next={m.link_lost_since({ time: clock(asOf, zone), attempt })}
    >
      <Button size="small" onFill onClick={hurryLive}>
        {m.link_retry()}
      </Button>
    </Notice>
  );
}

/** Without a detector no rule can fire: a calm wall would lie. */
function DetectorGone() {
  const state = useLive((live) => live.wall?.detector.state);
  if (state === undefined || state === "ready" || state === "unknown") return null;
  return (
    <Notice
      look="fault"
      icon={<ScanEye size={24} aria-hidden="true" />}
      title={state === "missing" ? m.wall_detector_missing() : m.wall_detector_failed()}
      next={m.wall_detector_remedy()}
    />
  );
}

function Unsent() {
  const sending = useAnswers((answers) => answers.sending);
  const unsent = Object.values(sending).flatMap((one) => (one.kind === "unsent" ? [one.breach] : []));
  const breach = unsent[0];
  if (breach === undefined) return null;
  return (
    <Notice
      look="breach"
      icon={<CircleAlert size={24} aria-hidden="true" />}
      title={m.ack_failed_title()}
      next={m.ack_failed_next({
        kind: kindWord(breach.kind),
        camera: breach.camera_name ?? m.history_whole_site(),
      })}
    >
      <Button size="small" onFill onClick={() => unsent.forEach((one) => void acknowledgeBreach(one))}>
        {m.act_resend()}
      </Button>
    </Notice>
  );
}

function SoundOff() {
  const armed = useSound((sound) => sound.armed);
  if (armed) return null;
  return (
    <Notice
      look="ack"
      icon={<VolumeX size={24} aria-hidden="true" />}
      title={m.sound_not_armed()}
      next={m.sound_not_armed_why()}
    >
      <Button size="small" onFill data-arm="" onClick={() => void testTone("high")}>
        {m.sound_arm()}
      </Button>
    </Notice>
  );
}
