import { useState, type FormEvent } from "react";
import { askClearView, failureWords, type ClearView, type Failure, type WallCamera } from "../api/index.ts";
import { Button, Dialog, FaultText, Field } from "../parts/index.ts";
import { m } from "../words/index.ts";
import css from "./pictures.module.css";

/** Asks why a camera has to be seen without its blur. Nothing is preset, and nothing opens without. */
export function ClearDialog({
  camera,
  name,
  onGiven,
  onClose,
}: {
  readonly camera: WallCamera;
  /** Of who asks: it will stand over the picture. */
  readonly name: string;
  readonly onGiven: (given: ClearView) => void;
  readonly onClose: () => void;
}) {
  const [reason, setReason] = useState("");
  const [fault, setFault] = useState<"reason" | Failure | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (reason.trim() === "") return setFault("reason");
    setBusy(true);
    const answer = await askClearView(camera.id, reason.trim());
    setBusy(false);
    if (answer.ok) onGiven(answer.value);
    else setFault(answer.failure);
  };

  return (
    <Dialog title={m.clear_title({ name: camera.name })} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)} noValidate className={css.clearForm}>
        <p>{m.clear_recorded({ name })}</p>
        <Field label={m.clear_reason()} fault={fault === "reason" ? m.clear_reason_missing() : null}>
          {(control) => (
            <textarea
              {...control}
              rows={3}
              maxLength={500}
              required
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
                setFault(null);
              }}
            />
          )}
        </Field>
        {fault !== null && fault !== "reason" && <FaultText>{failureWords(fault).title}</FaultText>}
        <div className={css.clearFoot}>
          <Button onClick={onClose} shortcut="Esc">
            {m.act_cancel()}
          </Button>
          <Button type="submit" primary busy={busy}>
            {m.clear_open()}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
