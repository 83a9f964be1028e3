import { Check, CircleAlert, X } from "lucide-react";
import { useEffect } from "react";
import { failureWords, type Detector, type Observation } from "../api/index.ts";
import { dismissRemarks, inOrder, useAnswers, type AnswerKind } from "../breaches/index.ts";
import { useLive, type WallState } from "../live/index.ts";
import { IconButton, Notice } from "../parts/index.ts";
import { clock } from "../time/index.ts";
import { m, observedWord } from "../words/index.ts";
import { Flood } from "./Flood.tsx";
import { HeldBreach } from "./HeldBreach.tsx";
import { Faults, Queue } from "./Queue.tsx";
import { isGrouping, type BreachGroup } from "./queue.ts";
import { noteHidden, noteShown, useRail } from "./store.ts";
import css from "./wall.module.css";

interface Props {
  readonly wall: WallState;
  readonly mayAnswer: boolean;
  readonly shown: boolean;
  readonly onOpen: (breach: string) => void;
  readonly onAnswer: (kind: AnswerKind) => void;
  readonly onAskGroup: (group: BreachGroup) => void;
}

const OBSERVATIONS_SHOWN = 3;

/** What waits: the breach at hand, then the queue, then devices, then what needs no answer. */
export function Rail({ wall, mayAnswer, shown, onOpen, onAnswer, onAskGroup }: Props) {
  const held = useRail((rail) => rail.held);
  const flooded = useRail((rail) => rail.flooded);
  const lost = useLive((live) => live.link.kind === "lost");
  const zone = wall.site.timezone;
  useEffect(() => {
    if (held === null) return;
    const frame = requestAnimationFrame(() => noteShown(held));
    return () => {
      cancelAnimationFrame(frame);
      noteHidden();
    };
  }, [held]);
  const breach = wall.breaches.find((one) => one.id === held) ?? null;
  const calm = whyUnknown(lost, wall.detector.state);
  const grouping = isGrouping(flooded, wall.breaches);
  return (
    <aside className={shown ? `${css.rail} ${css.railShown}` : css.rail} aria-label={m.rail_title()}>
      <Remarks zone={zone} />
      {grouping && (
        <Flood wall={wall} held={held} mayAnswer={mayAnswer} onOpen={onOpen} onAsk={onAskGroup} />
      )}
      {!grouping && breach !== null && (
        <>
          <HeldBreach
            breach={breach}
            camera={wall.cameras.find((camera) => camera.id === breach.camera) ?? null}
            order={wall.orders.find((order) => order.id === breach.order) ?? null}
            zone={zone}
            mayAnswer={mayAnswer}
            onOpen={onOpen}
            onAnswer={onAnswer}
          />
          <Queue queue={inOrder(wall.breaches).filter((one) => one.id !== held)} zone={zone} />
        </>
      )}
      {!grouping && breach === null && (
        <div className={css.calm}>
          <h2 className={calm === null ? undefined : css.toneFault}>{calm ?? m.rail_calm_title()}</h2>
          {calm === null && <p className={css.second}>{m.rail_calm_next()}</p>}
        </div>
      )}
      <Faults cameras={wall.cameras} zone={zone} />
      {lost && <p className={css.railNote}>{m.link_ack_while_lost()}</p>}
      <Observations list={wall.observations.slice(0, OBSERVATIONS_SHOWN)} zone={zone} />
    </aside>
  );
}

/** No breach in sight is good news only when one could have come; else the reason why it could not. */
function whyUnknown(lost: boolean, detector: Detector["state"]): string | null {
  if (lost) return m.rail_calm_unknown();
  if (detector === "missing") return m.wall_detector_missing();
  if (detector === "failed") return m.wall_detector_failed();
  return detector === "unknown" ? m.wall_detector_unknown() : null;
}

/** Who was first, or why an answer was refused; goes with a click or the next answer. */
function Remarks({ zone }: { readonly zone: string }) {
  const first = useAnswers((answers) => answers.first);
  const refused = useAnswers((answers) => answers.refused);
  const words = refused === null ? null : failureWords(refused);
  if (first === null && words === null) return null;
  return (
    <div className={css.remark}>
      {first !== null && (
        <Notice
          look="plain"
          icon={<Check size={20} className={css.toneAck} aria-hidden="true" />}
          title={m.ack_first_title({ name: first.byName, time: clock(first.at, zone) })}
          next={m.ack_first_next()}
        >
          <IconButton label={m.act_close()} onClick={dismissRemarks}>
            <X size={16} />
          </IconButton>
        </Notice>
      )}
      {words !== null && (
        <Notice
          look="plain"
          icon={<CircleAlert size={20} className={css.toneOpen} aria-hidden="true" />}
          title={words.title}
          next={words.next}
        >
          <IconButton label={m.act_close()} onClick={dismissRemarks}>
            <X size={16} />
          </IconButton>
        </Notice>
      )}
    </div>
  );
}

function Observations({ list, zone }: { readonly list: readonly Observation[]; readonly zone: string }) {
  if (list.length === 0) return null;
  return (
    <section className={css.observations}>
      <h2>{m.rail_observations()}</h2>
      <ul>
        {list.map((one) => (
          <li key={one.id}>
            <time dateTime={one.time}>{clock(Date.parse(one.time), zone)}</time>
            <span>{[one.camera_name, observedWord(one.kind), one.persons > 0 && m.persons({ count: one.persons })].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
