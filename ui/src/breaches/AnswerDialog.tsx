import { useState, type FormEvent } from "react";
import { dismiss, failureWords, resolve, type Breach, type DismissReason, type Failure, type Outcome } from "../api/index.ts";
import { putBreach } from "../live/index.ts";
import { Button, Dialog, FaultText, Field } from "../parts/index.ts";
import { kindWord, m, outcomeWord, reasonWord } from "../words/index.ts";
import css from "./breaches.module.css";

const OUTCOMES = ["returned", "left", "permitted", "other"] as const satisfies readonly Outcome[];
const REASONS = [
  "false_alarm",
  "staff",
  "test",
  "duplicate",
  "other",
] as const satisfies readonly DismissReason[];

export type AnswerKind = "resolve" | "dismiss";

interface Props {
  readonly kind: AnswerKind;
  readonly breach: Breach;
  readonly onClose: () => void;
  readonly onDone?: (breach: Breach) => void;
}

/** Asks how a breach ended. Nothing is chosen beforehand; "other" needs its note. */
export function AnswerDialog({ kind, breach, onClose, onDone }: Props) {
  const what = [kindWord(breach.kind), breach.camera_name].filter(Boolean).join(", ");
  const done = (answered: Breach): void => {
    putBreach(answered);
    onDone?.(answered);
    onClose();
  };
  return (
    <Dialog
      title={kind === "resolve" ? m.resolve_title({ what }) : m.dismiss_title({ what })}
      onClose={onClose}
    >
      {kind === "resolve" ? (
        <ChoiceForm
          legend={m.resolve_outcome()}
          choices={OUTCOMES}
          word={outcomeWord}
          missing={m.resolve_choose()}
          save={m.resolve_save()}
          send={(outcome, note) => resolve(breach.id, outcome, note)}
          onDone={done}
          onClose={onClose}
        />
      ) : (
        <ChoiceForm
          legend={m.dismiss_reason()}
          choices={REASONS}
          word={reasonWord}
          missing={m.dismiss_choose()}
          save={m.dismiss_save()}
          send={(reason, note) => dismiss(breach.id, reason, note)}
          onDone={done}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

interface ChoiceProps<Choice extends string> {
  readonly legend: string;
  readonly choices: readonly Choice[];
  readonly word: (choice: Choice) => string;
  readonly missing: string;
  readonly save: string;
  readonly send: (choice: Choice, note: string) => ReturnType<typeof resolve>;
  readonly onDone: (breach: Breach) => void;
  readonly onClose: () => void;
}

function ChoiceForm<Choice extends string>({
  legend,
  choices,
  word,
  missing,
  save,
  send,
  onDone,
  onClose,
}: ChoiceProps<Choice>) {
  const [choice, setChoice] = useState<Choice | null>(null);
  const [note, setNote] = useState("");
  const [fault, setFault] = useState<"choice" | "note" | Failure | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (choice === null) return setFault("choice");
    if (choice === "other" && note.trim() === "") return setFault("note");
    setBusy(true);
    const answer = await send(choice, note.trim());
    setBusy(false);
    if (answer.ok) onDone(answer.value);
    else setFault(answer.failure);
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate className={css.form}>
      <fieldset>
        <legend className={css.legend}>{legend}</legend>
        {choices.map((one) => (
          <label key={one} className={css.choice}>
            <input
              type="radio"
              name="choice"
              value={one}
              checked={choice === one}
              onChange={() => {
                setChoice(one);
                setFault(null);
              }}
            />
            {word(one)}
          </label>
        ))}
      </fieldset>
      <Field
        label={m.note()}
        hint={m.note_hint()}
        fault={fault === "note" ? m.note_missing() : null}
      >
        {(control) => (
          <textarea {...control} rows={2} value={note} onChange={(e) => setNote(e.target.value)} />
        )}
      </Field>
      {fault === "choice" && <FaultText>{missing}</FaultText>}
      {fault !== null && typeof fault === "object" && <FaultText>{saidOf(fault)}</FaultText>}
      <div className={css.formFoot}>
        <Button onClick={onClose} shortcut="Esc">
          {m.act_cancel()}
        </Button>
        <Button type="submit" primary busy={busy}>
          {busy ? m.saving() : save}
        </Button>
      </div>
    </form>
  );
}

function saidOf(failure: Failure): string {
  const { title, next } = failureWords(failure);
  return next === null ? title : `${title}. ${next}`;
}
