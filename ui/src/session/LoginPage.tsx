import { changeSettings, useSettings } from "../settings/index.ts";
import { Button } from "../parts/index.ts";
import { m } from "../words/index.ts";
import css from "./session.module.css";
import { SignInForm } from "./SignInForm.tsx";
import { ask } from "./store.ts";

export function LoginPage() {
  const language = useSettings((settings) => settings.language);
  return (
    <main className={css.login}>
      <div className={css.card}>
        <div className={css.cardHead}>
          <img src="/icon.svg" width={40} height={40} alt="" />
          <div>
            <p className={css.name}>{m.app_name()}</p>
            <h1 className={css.title}>{m.login_title()}</h1>
          </div>
        </div>
        <p className={css.lead}>{m.login_lead()}</p>
        <SignInForm onDone={() => void ask()} />
        <Button quiet size="small" onClick={() => changeSettings({ language: language === "vi" ? "en" : "vi" })}>
          {language === "vi" ? "English" : "Tiếng Việt"}
        </Button>
      </div>
    </main>
  );
}
