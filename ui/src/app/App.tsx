import { lazy, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import type { Me } from "../api/index.ts";
import { KeysDialog } from "../keys/index.ts";
import { followSite, hurryLive, stopLive, watchPresence } from "../live/index.ts";
import { Blank, FailureBlank } from "../parts/index.ts";
import { ask, LoginPage, SignInAgain, useSession, useSite } from "../session/index.ts";
import { applyTheme, useSettings } from "../settings/index.ts";
import { Alarms, WallPage } from "../wall/index.ts";
import { m } from "../words/index.ts";
import css from "./app.module.css";
import { Bar } from "./Bar.tsx";
import { BottomBar } from "./BottomBar.tsx";
import { Mishap } from "./Mishap.tsx";
import { Notices } from "./Notices.tsx";
import { pageOf } from "./pages.ts";

const HistoryPage = lazy(async () => ({ default: (await import("../breaches/HistoryPage.tsx")).HistoryPage }));
const BreachPage = lazy(async () => ({ default: (await import("../breaches/BreachPage.tsx")).BreachPage }));
const AddCameraPage = lazy(async () => ({ default: (await import("../cameras/AddCameraPage.tsx")).AddCameraPage }));
const ProbePage = lazy(async () => ({ default: (await import("../cameras/ProbePage.tsx")).ProbePage }));
const PairPage = lazy(async () => ({ default: (await import("../cameras/PairPage.tsx")).PairPage }));
const PublishPage = lazy(async () => ({ default: (await import("../publish/PublishPage.tsx")).PublishPage }));
const MePage = lazy(async () => ({ default: (await import("../session/MePage.tsx")).MePage }));

/** A phone that publishes has a token of its own: whoever holds it need not sign in. */
export function App() {
  const [path] = useLocation();
  return path === "/publish" ? (
    <Suspense fallback={null}>
      <PublishPage />
    </Suspense>
  ) : (
    <Session />
  );
}

function Session() {
  const session = useSession((state) => state.session);
  const { language, theme } = useSettings();
  const [path] = useLocation();
  useEffect(() => void ask(), []);
  const onWall = session.kind === "in" && path.startsWith("/wall");
  useEffect(() => applyTheme(theme, onWall), [theme, onWall]);
  switch (session.kind) {
    case "asking":
      return null;
    case "failed":
      return <FailureBlank failure={session.failure} onRetry={() => void ask()} />;
    case "out":
      return <LoginPage key={language} />;
    case "in":
      // Another language: everything is drawn anew. The live connection lives outside and goes on.
      return <SignedIn key={language} me={session.me} />;
  }
}

function SignedIn({ me }: { readonly me: Me }) {
  const [path] = useLocation();
  const site = useSite()?.id ?? null;
  useEffect(() => {
    if (site === null) stopLive();
    else followSite(site);
  }, [site]);
  useEffect(watchPresence, []);
  const page = pageOf(path);
  useEffect(() => {
    document.title = `${page?.name() ?? ""} · ${m.app_name()}`;
  }, [page]);
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#content">
        {m.skip_to_content()}
      </a>
      <Bar me={me} site={site} />
      <Notices />
      <main className={css.content} id="content" tabIndex={-1}>
        <Mishap key={path}>
          <Suspense fallback={null}>
            <Pages me={me} />
          </Suspense>
        </Mishap>
      </main>
      <BottomBar me={me} />
      <Alarms />
      <KeysDialog />
      <SignInAgain onDone={hurryLive} />
    </div>
  );
}

function Pages({ me }: { readonly me: Me }) {
  const [path] = useLocation();
  const page = pageOf(path);
  if (path === "/" || path === "/login") return <Redirect to="/wall" replace />;
  if (page === undefined || !page.may(me)) {
    return <Blank title={m.error_not_found()} next={m.error_not_found_next()} />;
  }
  return (
    <Switch>
      <Route path="/wall" component={WallPage} />
      <Route path="/breaches" component={HistoryPage} />
      <Route path="/breaches/:id">{({ id }) => <BreachPage key={id} id={id} />}</Route>
      <Route path="/cameras/new" component={AddCameraPage} />
      <Route path="/cameras/:id/probe">{({ id }) => <ProbePage key={id} id={id} />}</Route>
      <Route path="/cameras/:id/pair">{({ id }) => <PairPage key={id} id={id} />}</Route>
      <Route path="/me" component={MePage} />
      <Route>
        <Blank title={m.error_not_found()} next={m.error_not_found_next()} />
      </Route>
    </Switch>
  );
}
