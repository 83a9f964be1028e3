/** Who is signed in. The wall goes on behind the sign-in when a session ends. */
import { create } from "zustand";
import { fetchMe, signOut as sendSignOut, whenSignedOut, type Failure, type Me } from "../api/index.ts";
import { adoptLanguage, useSettings } from "../settings/index.ts";

export type Session =
  | { readonly kind: "asking" }
  | { readonly kind: "out" }
  | { readonly kind: "failed"; readonly failure: Failure }
  /** `ended`: the server does not take the session any more; the page stays, a sign-in lies over it. */
  | { readonly kind: "in"; readonly me: Me; readonly ended: boolean };

export const useSession = create<{ readonly session: Session }>(() => ({
  session: { kind: "asking" },
}));

const set = (session: Session): void => useSession.setState({ session });

export async function ask(): Promise<void> {
  const answer = await fetchMe();
  if (answer.ok) {
    adoptLanguage(answer.value.language);
    set({ kind: "in", me: answer.value, ended: false });
    return;
  }
  const { session } = useSession.getState();
  if (session.kind === "in") return; // `whenSignedOut` has marked it where it has ended
  if (answer.failure.kind === "not_signed_in") set({ kind: "out" });
  else set({ kind: "failed", failure: answer.failure });
}

export async function signOut(): Promise<void> {
  await sendSignOut();
  set({ kind: "out" });
}

whenSignedOut(() => {
  const { session } = useSession.getState();
  if (session.kind === "in" && !session.ended) set({ ...session, ended: true });
});

/** Who is signed in; the pages behind the sign-in are drawn only when somebody is. */
export function useMe(): Me {
  const session = useSession((state) => state.session);
  if (session.kind !== "in") throw new Error("this page needs somebody signed in");
  return session.me;
}

/** The site that is looked at: the one chosen on this computer, else the first; null: none at all. */
export function useSite(): Me["sites"][number] | null {
  const { sites } = useMe();
  const chosen = useSettings((settings) => settings.site);
  return sites.find((one) => one.id === chosen) ?? sites[0] ?? null;
}

export function may(me: Me, right: Me["rights"][number]): boolean {
  return me.rights.includes(right);
}
