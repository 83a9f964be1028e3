import { Check, CheckCheck, X } from "lucide-react";
import type { Breach } from "../api/index.ts";
import { useNow } from "../live/index.ts";
import { Button } from "../parts/index.ts";
import { age, clockDuration, stamp } from "../time/index.ts";
import { m, outcomeWord, reasonWord } from "../words/index.ts";
import type { AnswerKind } from "./AnswerDialog.tsx";
import { acknowledgeBreach, useAnswers } from "./answers.ts";
import { answeredAfter } from "./figures.ts";
import css from "./page.module.css";

interface Props {
  readonly breach: Breach;
  readonly zone: string;
  readonly mayAnswer: boolean;
  readonly onAnswer: (kind: AnswerKind) => void;
}

/** How it stands, and the next step. */
export function AnswerCard({ breach, zone, mayAnswer, onAnswer }: Props) {
  const closed = breach.state === "resolved" || breach.state === "dismissed";
  return (
    <section className={`${css.card} ${css.answerCard}`} aria-live="polite">
      {breach.state === "open" && <Waiting breach={breach} />}
      {breach.state === "acknowledged" && <Acknowledged breach={breach} zone={zone} />}
      {closed && <Closed breach={breach} zone={zone} />}
      <First breach={breach} zone={zone} />
      {mayAnswer && !closed && <Actions breach={breach} onAnswer={onAnswer} />}
    </section>
  );
}

function Waiting({ breach }: { readonly breach: Breach }) {
  const now = useNow();
  return (
    <div className={css.waiting}>
      <span className={css.second}>{m.breach_waiting()}</span>
      <span className={`${css.big} ${css.bigOpen}`}>
        {clockDuration(now - Date.parse(breach.opened_at))}
      </span>
    </div>
  );
}

function Acknowledged({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const took = answeredAfter(breach);
  const at = breach.acknowledged_at === null ? null : stamp(Date.parse(breach.acknowledged_at), zone);
  return (
    <div>
      <p className={`${css.verdict} ${css.ack}`}>
        <Check size={20} aria-hidden="true" />
        {breach.acknowledged_by_name === null
          ? m.state_acknowledged_capital()
          : m.breach_acknowledged_by({ name: breach.acknowledged_by_name })}
      </p>
      <p className={css.second}>
        {[at, took === null ? null : m.breach_took({ age: age(took) })].filter(Boolean).join(" · ")}
      </p>
    </div>
  );
}

function Closed({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const resolved = breach.state === "resolved";
  const Icon = resolved ? CheckCheck : X;
  const name = breach.resolved_by_name ?? m.system();
  const at = breach.closed_at === null ? null : stamp(Date.parse(breach.closed_at), zone);
  const why = breach.reason === null ? null : resolved ? outcomeWord(breach.reason) : reasonWord(breach.reason);
  return (
    <div>
      <p className={css.verdict}>
        <Icon size={20} aria-hidden="true" />
        {resolved ? m.breach_resolved_by({ name }) : m.breach_dismissed_by({ name })}
      </p>
      <p>{why}</p>
      <p className={css.second}>{at}</p>
    </div>
  );
}

/** Somebody else was first: news, and nothing to do. */
function First({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const first = useAnswers((answers) => answers.first);
  if (first === null || first.breach !== breach.id) return null;
  return (
    <p className={css.second}>
      {m.ack_first_title({ name: first.byName, time: stamp(first.at, zone) })}. {m.ack_first_next()}
    </p>
  );
}

function Actions({
  breach,
  onAnswer,
}: {
  readonly breach: Breach;
  readonly onAnswer: (kind: AnswerKind) => void;
}) {
  const sending = useAnswers((answers) => answers.sending[breach.id]?.kind === "sending");
  const open = breach.state === "open";
  return (
    <div className={css.actions}>
      {open && (
        <Button primary size="large" busy={sending} shortcut="A" onClick={() => void acknowledgeBreach(breach)}>
          {sending ? m.act_acknowledge_sending() : m.act_acknowledge()}
        </Button>
      )}
      <Button primary={!open} shortcut="R" onClick={() => onAnswer("resolve")}>
        {m.act_resolve()}
      </Button>
      <Button shortcut="D" onClick={() => onAnswer("dismiss")}>
        {m.act_dismiss()}
      </Button>
    </div>
  );
}
