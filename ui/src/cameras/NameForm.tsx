import { useState, type FormEvent } from "react";
import { addCamera, failureWords, type Camera, type Failure } from "../api/index.ts";
import { Button, FaultText, Field } from "../parts/index.ts";
import { m } from "../words/index.ts";
import css from "./cameras.module.css";

const SHORT = 14;

/** What the camera is called; saving it. `sure`: the try found it fit. */
export function NameForm({
  site,
  url,
  sub,
  sure,
  onAdded,
}: {
  readonly site: string;
  /** With its credentials. */
  readonly url: string;
  readonly sub: string;
  readonly sure: boolean;
  readonly onAdded: (camera: Camera) => void;
}) {
  const [name, setName] = useState("");
  const [short, setShort] = useState("");
  const [missing, setMissing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setMissing(name.trim() === "");
    if (name.trim() === "") return;
    setBusy(true);
    const camera = { site, name: name.trim(), short_name: short.trim(), url, sub_url: sub };
    const answer = await addCamera(camera);
    setBusy(false);
    if (answer.ok) onAdded(answer.value);
    else setFailure(answer.failure);
  };
  return (
    <form className={css.card} onSubmit={(event) => void submit(event)} noValidate>
      <Field
        label={m.add_name()}
        hint={m.add_place_note()}
        fault={missing && name.trim() === "" ? m.add_name_missing() : null}
      >
        {(control) => (
          <input
            {...control}
            name="name"
            autoComplete="off"
            maxLength={120}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={m.add_short()}>
        {(control) => (
          <input
            {...control}
            name="short-name"
            autoComplete="off"
            maxLength={SHORT}
            value={short}
            onChange={(event) => setShort(event.target.value)}
          />
        )}
      </Field>
      {failure !== null && <FaultText>{wordsOf(failure)}</FaultText>}
      <Button type="submit" primary={sure} size="large" wide busy={busy}>
        {busy ? m.saving() : sure ? m.add_save() : m.add_save_anyway()}
      </Button>
    </form>
  );
}

function wordsOf(failure: Failure): string {
  const { title, next } = failureWords(failure);
  return next === null ? title : `${title}. ${next}`;
}
