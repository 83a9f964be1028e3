import { LogOut } from "lucide-react";
import { Button, Field } from "../parts/index.ts";
import { changeSettings, useSettings, type Theme } from "../settings/index.ts";
import { testTone, useSound } from "../sound/index.ts";
import { m, roleWord } from "../words/index.ts";
import css from "./session.module.css";
import { signOut, useMe } from "./store.ts";

/** Who one is, and what is set on this computer. */
export function MePage() {
  const me = useMe();
  const { language, theme, keys } = useSettings();
  const armed = useSound((sound) => sound.armed);
  return (
    <div className={css.me}>
      <h1 className={css.meTitle}>{me.name}</h1>
      <section className={css.section}>
        <dl className={css.facts}>
          <dt>{m.login_username()}</dt>
          <dd>{me.username}</dd>
          <dt>{m.me_role()}</dt>
          <dd>{roleWord(me.role)}</dd>
          <dt>{m.me_units()}</dt>
          <dd>{me.units.map((unit) => unit.name).join(", ") || m.me_scope_none()}</dd>
        </dl>
        <div className={css.row}>
          <Button icon={<LogOut size={16} aria-hidden="true" />} onClick={() => void signOut()}>
            {m.sign_out()}
          </Button>
        </div>
      </section>
      <section className={css.section}>
        <h2>{m.me_settings()}</h2>
        <Field label={m.me_language()}>
          {(control) => (
            <select
              {...control}
              value={language}
              onChange={(event) => changeSettings({ language: event.target.value === "en" ? "en" : "vi" })}
            >
              <option value="vi">{m.me_language_vi()}</option>
              <option value="en">{m.me_language_en()}</option>
            </select>
          )}
        </Field>
        <Field label={m.me_theme()} hint={m.me_theme_note()}>
          {(control) => (
            <select
              {...control}
              value={theme}
              onChange={(event) => changeSettings({ theme: themeOf(event.target.value) })}
            >
              <option value="system">{m.me_theme_system()}</option>
              <option value="light">{m.me_theme_light()}</option>
              <option value="dark">{m.me_theme_dark()}</option>
            </select>
          )}
        </Field>
        <label className={css.check}>
          <input type="checkbox" checked={keys} onChange={() => changeSettings({ keys: !keys })} />
          {m.me_keys_on()}
        </label>
        <p className={css.note}>{m.me_keys_note()}</p>
        <h2>
          {m.me_sound()}: {armed ? m.me_sound_on() : m.me_sound_off()}
        </h2>
        <p className={css.note}>{m.me_sound_note()}</p>
        <div className={css.row}>
          <Button size="small" onClick={() => void testTone("high")}>
            {m.me_sound_high()}
          </Button>
          <Button size="small" onClick={() => void testTone("medium")}>
            {m.me_sound_medium()}
          </Button>
        </div>
      </section>
    </div>
  );
}

function themeOf(value: string): Theme {
  return value === "light" || value === "dark" ? value : "system";
}
