import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import type { Breach } from "../api/index.ts";
import { useKeys } from "../keys/index.ts";
import { useLive } from "../live/index.ts";
import { FailureBlank, IconButton, Kbd, PriorityTag, StateTag } from "../parts/index.ts";
import { may, useMe } from "../session/index.ts";
import { stamp } from "../time/index.ts";
import { aboutWord, kindWord, m } from "../words/index.ts";
import { AnswerCard } from "./AnswerCard.tsx";
import { AnswerDialog, type AnswerKind } from "./AnswerDialog.tsx";
import { acknowledgeBreach } from "./answers.ts";
import { BreachEvidence } from "./BreachEvidence.tsx";
import { HistoryCard } from "./HistoryCard.tsx";
import { Nearby } from "./Nearby.tsx";
import { OrderCard } from "./OrderCard.tsx";
import { inOrder } from "./order.ts";
import css from "./page.module.css";
import { breachQuery, failureFrom, useFreshBreaches } from "./queries.ts";

export function BreachPage({ id }: { readonly id: string }) {
  useFreshBreaches();
  const query = useQuery(breachQuery(id));
  const live = useLive((state) => state.wall?.breaches.find((breach) => breach.id === id));
  // What the wall knows already holds the layout until the whole record is here.
  const breach = query.data ?? live;
  if (breach !== undefined) return <BreachView breach={newer(breach, live)} />;
  if (query.isError) {
    return <FailureBlank failure={failureFrom(query.error)} onRetry={() => void query.refetch()} />;
  }
  return (
    <p className={css.head} aria-busy="true">
      {m.breach_loading()}
    </p>
  );
}

/** The stream is quicker than the query that it sets off: an answer shows at once. */
function newer(breach: Breach, live: Breach | undefined): Breach {
  if (breach.state !== "open" || live?.state !== "acknowledged") return breach;
  return { ...live, history: breach.history };
}

function BreachView({ breach }: { readonly breach: Breach }) {
  const me = useMe();
  const [, navigate] = useLocation();
  const [answering, setAnswering] = useState<AnswerKind | null>(null);
  const [openedPage] = useState(() => performance.now());
  const zone = useSiteZone(breach.site);
  const onWall = useLive((live) => live.wall?.breaches);
  const waiting = onWall === undefined ? undefined : inOrder(onWall);
  const mayAnswer = may(me, "answer");
  const closed = breach.state === "resolved" || breach.state === "dismissed";
  const at = waiting?.findIndex((one) => one.id === breach.id) ?? -1;
  const step = (by: 1 | -1): void => {
    const next = waiting?.[at + by];
    if (next !== undefined) navigate(`/breaches/${next.id}`);
  };

  useKeys({
    acknowledge: () => {
      if (mayAnswer && performance.now() - openedPage >= 400) void acknowledgeBreach(breach);
    },
    resolve: () => {
      if (mayAnswer && !closed) setAnswering("resolve");
    },
    dismiss: () => {
      if (mayAnswer && !closed) setAnswering("dismiss");
    },
    next: () => step(1),
    previous: () => step(-1),
    back: () => navigate("/wall"),
  });

  return (
    <div className={css.page} data-breach={breach.id} data-state={breach.state}>
      <div className={css.head}>
        <IconButton label={m.act_back()} onClick={() => history.back()}>
          <ArrowLeft size={24} />
        </IconButton>
        <div className={css.headText}>
          <div className={css.titleRow}>
            <h1 className={css.title}>{kindWord(breach.kind)}</h1>
            <StateTag breach={breach} />
            <PriorityTag breach={breach} long />
          </div>
          <p className={css.lead}>{leadOf(breach, zone)}</p>
        </div>
        {at !== -1 && waiting !== undefined && waiting.length > 1 && (
          <p className={css.steps}>
            {at + 1}/{waiting.length} <Kbd>J</Kbd> <Kbd>K</Kbd>
          </p>
        )}
      </div>
      <div className={css.left}>
        <BreachEvidence breach={breach} zone={zone} />
        <Nearby breach={breach} zone={zone} />
      </div>
      <div className={css.right}>
        <AnswerCard breach={breach} zone={zone} mayAnswer={mayAnswer} onAnswer={setAnswering} />
        <HistoryCard breach={breach} zone={zone} mayComment={mayAnswer} />
        <OrderCard breach={breach} zone={zone} />
      </div>
      {answering !== null && (
        <AnswerDialog kind={answering} breach={breach} onClose={() => setAnswering(null)} />
      )}
    </div>
  );
}

/** The zone of the breach's own site, wherever the bar is. */
function useSiteZone(site: string): string {
  const me = useMe();
  return me.sites.find((one) => one.id === site)?.timezone ?? "Asia/Ho_Chi_Minh";
}

function leadOf(breach: Breach, zone: string): string {
  const parts = [
    breach.camera_name,
    aboutWord(breach),
    stamp(Date.parse(breach.opened_at), zone),
    breach.site_name,
  ];
  if (breach.state === "open" || breach.state === "acknowledged") parts.push(m.suspected());
  return parts.filter(Boolean).join(" · ");
}

