import { useEffect, useRef, useState, type FormEvent } from "react";
import { failureWords, signIn, type Failure } from "../api/index.ts";
import { Button, Field } from "../parts/index.ts";
import { armSound } from "../sound/index.ts";
import { m } from "../words/index.ts";
import css from "./session.module.css";

/** Name and password. The click that signs in also lets the page make sound. */
export function SignInForm({
  username: known = "",
  onDone,
}: {
  readonly username?: string;
  readonly onDone: () => void;
}) {
  const [username, setUsername] = useState(known);
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [missing, setMissing] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const summary = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (failure !== null) summary.current?.focus();
  }, [failure]);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    void armSound();
    setMissing(username.trim() === "" || password === "");
    if (username.trim() === "" || password === "") return;
    setBusy(true);
    const answer = await signIn(username.trim(), password);
    setBusy(false);
    if (answer.ok) return onDone();
    setPassword("");
    setFailure(answer.failure);
  };

  return (
    <form className={css.form} onSubmit={(event) => void submit(event)} noValidate>
      {failure !== null && (
        <p className={css.summary} ref={summary} tabIndex={-1} role="alert">
          {summaryOf(failure)}
        </p>
      )}
      <Field
        label={m.login_username()}
        fault={missing && username.trim() === "" ? m.login_username_missing() : null}
      >
        {(control) => (
          <input
            {...control}
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
      </Field>
      <Field
        label={m.login_password()}
        fault={missing && password === "" ? m.login_password_missing() : null}
      >
        {(control) => (
          <input
            {...control}
            name="password"
            type={shown ? "text" : "password"}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <label className={css.check}>
        <input type="checkbox" checked={shown} onChange={() => setShown(!shown)} />
        {m.login_show_password()}
      </label>
      <Button type="submit" primary size="large" wide busy={busy}>
        {busy ? m.login_sending() : m.login_submit()}
      </Button>
    </form>
  );
}

function summaryOf(failure: Failure): string {
  if (failure.kind === "not_signed_in") return m.error_sign_in();
  const { title, next } = failureWords(failure);
  return next === null ? title : `${title}. ${next}`;
}
