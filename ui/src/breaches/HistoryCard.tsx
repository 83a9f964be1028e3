import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { comment, failureWords, type Breach, type Step } from "../api/index.ts";
import { Button, Field } from "../parts/index.ts";
import { clock } from "../time/index.ts";
import { aboutWord, kindWord, lossWord, m, outcomeWord, reasonWord } from "../words/index.ts";
import css from "./page.module.css";
import { placeOf } from "./place.ts";

/** What happened, in order: when, what, who. Each step's hash is on its mark. */
export function HistoryCard({
  breach,
  zone,
  mayComment,
}: {
  readonly breach: Breach;
  readonly zone: string;
  readonly mayComment: boolean;
}) {
  return (
    <section className={css.card}>
      <div className={css.cardHead}>
        <h2>{m.breach_history()}</h2>
        <span className={css.second}>{m.breach_hashes({ count: breach.history.length })}</span>
      </div>
      <ol>
        {inTime(breach.history).map((step) => (
          <StepRow key={step.position} step={step} breach={breach} zone={zone} />
        ))}
      </ol>
      {mayComment && <CommentForm breach={breach.id} />}
    </section>
  );
}

/** By when each happened: the record takes some in later. */
function inTime(history: readonly Step[]): readonly Step[] {
  return history.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time) || a.position - b.position);
}

function StepRow({
  step,
  breach,
  zone,
}: {
  readonly step: Step;
  readonly breach: Breach;
  readonly zone: string;
}) {
  const opened = typeOf(step) === "opened";
  return (
    <li className={css.step}>
      <time dateTime={step.time}>{clock(Date.parse(step.time), zone)}</time>
      <span className={opened ? css.stepOpen : undefined}>{wordsOf(step, breach)}</span>
      <code className={css.hash} title={m.breach_hash({ hash: step.hash })}>
        {step.hash.slice(0, 6)}
      </code>
      <span className={css.stepWho}>
        {opened ? placeOf(breach) : (step.by_name ?? step.by ?? m.system())}
      </span>
      {step.text !== null && step.text !== "" && <span className={css.stepText}>{step.text}</span>}
    </li>
  );
}

function typeOf(step: Step): string {
  return step.type.slice(step.type.lastIndexOf(".") + 1);
}

function wordsOf(step: Step, breach: Breach): string {
  const persons = m.persons({ count: step.persons ?? breach.persons });
  switch (typeOf(step)) {
    case "opened": {
      const about = step.persons === 0 ? aboutWord(breach) : persons;
      return m.step_opened({ kind: kindWord(breach.kind), persons: about });
    }
    case "updated":
      return m.step_updated({ persons });
    case "ended":
      if (step.reason === "unwatched") return m.step_ended_unwatched();
      return breach.line === null ? m.step_ended() : m.step_nobody_followed();
    case "acknowledged":
      return m.step_acknowledged();
    case "resolved":
      return m.step_resolved({ outcome: outcomeWord(step.outcome ?? "") });
    case "dismissed":
      return m.step_dismissed({ reason: reasonWord(step.reason ?? "") });
    case "written":
      return step.evidence === "snapshot" ? m.step_written_snapshot() : m.step_written_clip();
    case "lost":
      return m.step_lost({ why: lossWord(step.reason ?? "") });
    case "commented":
      return m.step_commented();
    default:
      return m.step_other({ type: step.type });
  }
}

function CommentForm({ breach }: { readonly breach: string }) {
  const queries = useQueryClient();
  const [shown, setShown] = useState(false);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (text.trim() === "") return setFault(m.comment_empty());
    setBusy(true);
    const answer = await comment(breach, text.trim());
    setBusy(false);
    setFault(answer.ok ? null : failureWords(answer.failure).title);
    if (!answer.ok) return;
    setText("");
    setShown(false);
    void queries.invalidateQueries({ queryKey: ["breach", breach] });
  };
  if (!shown) {
    return (
      <div>
        <Button size="small" onClick={() => setShown(true)}>
          {m.comment_open()}
        </Button>
      </div>
    );
  }
  return (
    <form className={css.comment} onSubmit={(event) => void submit(event)} noValidate>
      <Field label={m.comment_label()} hint={m.note_hint()} fault={fault}>
        {(control) => (
          <textarea {...control} autoFocus rows={2} value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <Button type="submit" size="small" busy={busy}>
        {busy ? m.saving() : m.comment_save()}
      </Button>
    </form>
  );
}
