import { Bell, Check } from "lucide-react";
import type { Breach, WallCamera, WallOrder } from "../api/index.ts";
import { acknowledgeBreach, placeOf, useAnswers, type AnswerKind } from "../breaches/index.ts";
import { useNow } from "../live/index.ts";
import { BreachOverlay, Picture, usePicture } from "../pictures/index.ts";
import { Button, PriorityTag } from "../parts/index.ts";
import { ago, clock, until } from "../time/index.ts";
import { aboutWord, kindWord, m } from "../words/index.ts";
import { choose, releaseHeld } from "./store.ts";
import css from "./wall.module.css";

interface Props {
  readonly breach: Breach;
  readonly camera: WallCamera | null;
  readonly order: WallOrder | null;
  readonly zone: string;
  readonly mayAnswer: boolean;
  readonly onOpen: (breach: string) => void;
  readonly onAnswer: (kind: AnswerKind) => void;
}

/** The breach at hand: what, where, when, under which order, and the one next step. */
export function HeldBreach({ breach, camera, order, zone, mayAnswer, onOpen, onAnswer }: Props) {
  const now = useNow();
  const opened = Date.parse(breach.opened_at);
  const open = breach.state === "open";
  const tone = open ? css.toneOpen : css.toneAck;
  const Icon = open ? Bell : Check;
  return (
    <section className={css.atHand} aria-label={m.rail_title()} data-held={breach.id}>
      <div className={css.heldHead}>
        <Icon size={28} className={tone} aria-hidden="true" />
        <h2 className={`${css.heldTitle} ${tone}`}>{kindWord(breach.kind)}</h2>
        <PriorityTag breach={breach} />
      </div>
      {camera !== null && <HeldPicture breach={breach} camera={camera} zone={zone} />}
      <div className={css.heldFacts}>
        <p className={css.heldPlace}>{placeOf(breach)}</p>
        <p className={css.heldWhen}>
          {aboutWord(breach)} · <time dateTime={breach.opened_at}>{clock(opened, zone)}</time> ·{" "}
          {ago(now - opened)}
        </p>
        {breach.order_number !== null && (
          <p className={css.second}>
            {order === null
              ? m.rail_order({ number: breach.order_number })
              : m.rail_order_until({ number: order.number, until: until(Date.parse(order.to), zone) })}
          </p>
        )}
        {!open && <AcknowledgedBy breach={breach} zone={zone} />}
      </div>
      <Actions breach={breach} mayAnswer={mayAnswer} onOpen={onOpen} onAnswer={onAnswer} />
    </section>
  );
}

function HeldPicture({
  breach,
  camera,
  zone,
}: {
  readonly breach: Breach;
  readonly camera: WallCamera;
  readonly zone: string;
}) {
  const { state, url } = usePicture(camera, { width: 640, urgent: true });
  return (
    <Picture camera={camera} zone={zone} state={state} url={url}>
      <BreachOverlay breach={breach} camera={camera} full={false} />
    </Picture>
  );
}

function AcknowledgedBy({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const at = breach.acknowledged_at === null ? null : clock(Date.parse(breach.acknowledged_at), zone);
  const words =
    breach.acknowledged_by_name === null
      ? m.state_acknowledged_capital()
      : m.breach_acknowledged_by({ name: breach.acknowledged_by_name });
  return <p className={css.toneAck}>{[words, at].filter(Boolean).join(", ")}</p>;
}

function Actions({
  breach,
  mayAnswer,
  onOpen,
  onAnswer,
}: Pick<Props, "breach" | "mayAnswer" | "onOpen" | "onAnswer">) {
  const sending = useAnswers((answers) => answers.sending[breach.id]?.kind === "sending");
  const openIt = (primary: boolean) => (
    <Button size="small" primary={primary} shortcut="↵" onClick={() => onOpen(breach.id)}>
      {m.act_open()}
    </Button>
  );
  if (!mayAnswer) return <div className={css.actions}>{openIt(true)}</div>;
  const acknowledge = async (): Promise<void> => {
    choose(breach.id);
    if (await acknowledgeBreach(breach)) releaseHeld();
  };
  return (
    <div className={css.actions}>
      {breach.state === "open" ? (
        <Button primary size="large" busy={sending} shortcut="A" onClick={() => void acknowledge()}>
          {sending ? m.act_acknowledge_sending() : m.act_acknowledge()}
        </Button>
      ) : (
        <Button primary size="large" shortcut="R" onClick={() => onAnswer("resolve")}>
          {m.act_resolve()}
        </Button>
      )}
      <div className={css.actionPair}>
        {openIt(false)}
        <Button size="small" shortcut="D" onClick={() => onAnswer("dismiss")}>
          {m.act_dismiss()}
        </Button>
      </div>
    </div>
  );
}
