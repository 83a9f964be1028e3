import { useInfiniteQuery } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { failureWords, fetchBreachesCsv, type BreachFilter, type Failure } from "../api/index.ts";
import { useKeys } from "../keys/index.ts";
import { useLive } from "../live/index.ts";
import { Blank, Button, FailureBlank, FaultText, Kbd } from "../parts/index.ts";
import { useMe } from "../session/index.ts";
import { age, clock } from "../time/index.ts";
import { m } from "../words/index.ts";
import { answeredAfter, countStates, median } from "./figures.ts";
import { filterFrom, paramsOf } from "./filter.ts";
import { Filters } from "./Filters.tsx";
import css from "./history.module.css";
import { HistoryCards, HistoryTable } from "./HistoryTable.tsx";
import { failureFrom, historyQuery, useFreshBreaches } from "./queries.ts";

/** Rows on one page of the browser; more is for the CSV. */
const MOST = 500;

export function HistoryPage() {
  const [params, setParams] = useSearchParams();
  const [, navigate] = useLocation();
  const filter = filterFrom(params);
  const setFilter = (next: BreachFilter): void => setParams(paramsOf(next), { replace: true });
  const firstFilter = useRef<HTMLSelectElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const zone = useZone();
  useFreshBreaches();
  const query = useInfiniteQuery(historyQuery(filter));
  const breaches = query.data?.pages.flatMap((page) => page.items) ?? [];

  useKeys({
    filter: () => firstFilter.current?.focus(),
    next: () => moveFocus(list.current, 1),
    previous: () => moveFocus(list.current, -1),
    open: () => false,
    back: () => navigate("/wall"),
  });

  const more = query.hasNextPage;
  const lead = query.data === undefined ? "" : more
    ? m.history_count_more({ count: breaches.length })
    : m.history_count({ count: breaches.length });
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1 className={css.title}>{m.history_title()}</h1>
        <p className={css.lead} aria-live="polite">
          {lead}
        </p>
        <CsvButton filter={filter} disabled={breaches.length === 0} />
      </div>
      <Filters filter={filter} zone={zone} onChange={setFilter} first={firstFilter} />
      {query.isError && breaches.length > 0 && (
        <FaultText>{m.history_stale({ time: clock(query.dataUpdatedAt, zone) })}</FaultText>
      )}
      {query.isError && breaches.length === 0 ? (
        <FailureBlank failure={failureFrom(query.error)} onRetry={() => void query.refetch()} />
      ) : query.data !== undefined && breaches.length === 0 ? (
        <Nothing filtered={[...paramsOf(filter)].length > 0} />
      ) : (
        <div ref={list} className={query.isError ? css.stale : undefined}>
          <Figures breaches={breaches} more={more} />
          <HistoryTable breaches={breaches} loading={query.data === undefined} zone={zone} />
          <HistoryCards breaches={breaches} zone={zone} />
        </div>
      )}
      <div className={css.foot}>
        {breaches.length > 0 && <span>{m.history_shown({ count: breaches.length })}</span>}
        {more && breaches.length < MOST && (
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {m.history_more()}
          </Button>
        )}
        {more && breaches.length >= MOST && <span>{m.history_limit()}</span>}
        <span className={css.keys}>
          <span>
            <Kbd>/</Kbd> {m.key_filter()}
          </span>
          <span>
            <Kbd>J</Kbd>
            <Kbd>K</Kbd> {m.key_move()}
          </span>
          <span>
            <Kbd>↵</Kbd> {m.key_open()}
          </span>
        </span>
      </div>
    </div>
  );
}

/** The zone of the site at hand; before the wall is known, that of the first site. */
function useZone(): string {
  const live = useLive((state) => state.wall?.site.timezone);
  const me = useMe();
  return live ?? me.sites[0]?.timezone ?? "Asia/Ho_Chi_Minh";
}

function moveFocus(list: HTMLElement | null, by: 1 | -1): void {
  const links = [...(list?.querySelectorAll<HTMLElement>("tbody a, [data-card]") ?? [])].filter(
    (link) => link.offsetParent !== null,
  );
  const at = links.findIndex((link) => link === document.activeElement);
  links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

function Nothing({ filtered }: { readonly filtered: boolean }) {
  return filtered ? (
    <Blank title={m.history_none_title()} next={m.history_none_next()} />
  ) : (
    <Blank title={m.history_empty_title()} next={m.history_empty_next()} />
  );
}

function Figures({
  breaches,
  more,
}: {
  readonly breaches: Parameters<typeof countStates>[0];
  readonly more: boolean;
}) {
  const counts = countStates(breaches);
  const middle = median(breaches.map(answeredAfter).filter((ms) => ms !== null));
  const rows = [
    [counts.open, m.state_open(), css.red],
    [counts.acknowledged, m.state_acknowledged(), css.amber],
    [counts.escalated, m.state_escalated(), css.red],
    [counts.resolved, m.state_resolved(), undefined],
    [counts.dismissed, m.state_dismissed(), undefined],
  ] as const;
  return (
    <p className={css.counts}>
      {rows
        .filter(([count]) => count > 0)
        .map(([count, words, look]) => (
          <span key={words}>
            <b className={look}>{count}</b> {words}
          </span>
        ))}
      {more && <span className={css.second}>{m.history_of_shown()}</span>}
      {middle !== null && <span className={css.median}>{m.history_median({ age: age(middle) })}</span>}
    </p>
  );
}

function CsvButton({ filter, disabled }: { readonly filter: BreachFilter; readonly disabled: boolean }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const download = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const answer = await fetchBreachesCsv(filter);
    setBusy(false);
    if (!answer.ok) return setFailure(answer.failure);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(answer.value);
    link.download = `wardwatch-${new Date().toISOString().slice(0, 10)}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <>
      {failure !== null && (
        <FaultText>{`${m.history_csv_failed()}. ${failureWords(failure).title}`}</FaultText>
      )}
      <Button
        size="small"
        icon={<Download size={16} aria-hidden="true" />}
        disabled={disabled || busy}
        onClick={() => void download()}
      >
        {m.history_csv()}
      </Button>
    </>
  );
}
