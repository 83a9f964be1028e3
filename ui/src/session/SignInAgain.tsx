import { Dialog } from "../parts/index.ts";
import { m } from "../words/index.ts";
import css from "./session.module.css";
import { SignInForm } from "./SignInForm.tsx";
import { ask, useSession } from "./store.ts";

/** The session has ended: a sign-in over the page, which stays as it is and goes on after it. */
export function SignInAgain({ onDone }: { readonly onDone: () => void }) {
  const session = useSession((state) => state.session);
  if (session.kind !== "in" || !session.ended) return null;
  return (
    <Dialog title={m.login_again_title()}>
      <p className={css.lead}>{m.login_again_lead()}</p>
      <SignInForm username={session.me.username} onDone={() => void ask().then(onDone)} />
    </Dialog>
  );
}
