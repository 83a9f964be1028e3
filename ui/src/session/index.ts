export { LoginPage } from "./LoginPage.tsx";
export { SignInAgain } from "./SignInAgain.tsx";
export { ask, may, signOut, useMe, useSession, useSite, type Session } from "./store.ts";
