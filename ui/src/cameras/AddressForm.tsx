import { useState, type FormEvent } from "react";
import { Button, Field } from "../parts/index.ts";
import { m } from "../words/index.ts";
import { takenApart, type Typed } from "./address.ts";
import css from "./cameras.module.css";

export interface Draft extends Typed {
  readonly sub: string;
}

/** Where the camera is and how one signs in to it. A password that is pasted with the address is
 * taken out of it, so that it stands readable nowhere. */
export function AddressForm({
  draft,
  faulty,
  busy,
  tried,
  onChange,
  onTry,
}: {
  readonly draft: Draft;
  /** Fields that the server did not take. */
  readonly faulty: ReadonlySet<string>;
  readonly busy: boolean;
  readonly tried: boolean;
  readonly onChange: (draft: Draft) => void;
  readonly onTry: (draft: Draft) => void;
}) {
  const [missing, setMissing] = useState(false);
  const apart = (): Draft => {
    const main = takenApart(draft);
    const sub = takenApart({ url: draft.sub, username: "", password: "" });
    const known = main.username !== "" || main.password !== "";
    return { ...(known ? main : { ...sub, url: main.url }), sub: sub.url };
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = apart();
    onChange(wanted);
    setMissing(wanted.url === "");
    if (wanted.url !== "") onTry(wanted);
  };
  const fault =
    missing && draft.url === "" ? m.add_address_missing() : faulty.has("url") ? m.add_address_fault() : null;
  return (
    <form className={css.card} onSubmit={submit} noValidate autoComplete="off">
      <Field label={m.add_address()} hint={m.add_address_hint()} fault={fault}>
        {(control) => (
          <input
            {...control}
            name="url"
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            data-first
            value={draft.url}
            onBlur={() => onChange(apart())}
            onChange={(event) => onChange({ ...draft, url: event.target.value })}
          />
        )}
      </Field>
      <Field label={m.add_username()}>
        {(control) => (
          <input
            {...control}
            name="camera-user"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={draft.username}
            onChange={(event) => onChange({ ...draft, username: event.target.value })}
          />
        )}
      </Field>
      <Field label={m.add_password()} hint={m.add_password_hint()}>
        {(control) => (
          <input
            {...control}
            name="camera-password"
            type="password"
            autoComplete="new-password"
            value={draft.password}
            onChange={(event) => onChange({ ...draft, password: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={m.add_sub()}
        hint={m.add_sub_hint()}
        fault={faulty.has("sub_url") ? m.add_address_fault() : null}
      >
        {(control) => (
          <input
            {...control}
            name="sub-url"
            inputMode="url"
            autoCapitalize="none"
            spellCheck={false}
            value={draft.sub}
            onBlur={() => onChange(apart())}
            onChange={(event) => onChange({ ...draft, sub: event.target.value.trim() })}
          />
        )}
      </Field>
      <Button type="submit" primary={!tried} size="large" wide busy={busy}>
        {tried ? m.probe_again() : m.probe_start()}
      </Button>
    </form>
  );
}
