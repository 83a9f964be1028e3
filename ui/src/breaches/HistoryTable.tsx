import { Link, useLocation } from "wouter";
import type { Breach } from "../api/index.ts";
import { StateWord } from "../parts/index.ts";
import { clock, clockDuration, dayMonth } from "../time/index.ts";
import { aboutWord, kindWord, m } from "../words/index.ts";
import { answeredAfter } from "./figures.ts";
import css from "./history.module.css";

interface Props {
  readonly breaches: readonly Breach[];
  readonly zone: string;
}

const who = (breach: Breach): string | null =>
  breach.resolved_by_name ?? breach.acknowledged_by_name;

export function HistoryTable({ breaches, zone, loading }: Props & { readonly loading: boolean }) {
  return (
    <div className={css.tableBox}>
      <table className={css.table} aria-busy={loading}>
        <caption className="hidden-but-read">
          {loading ? m.history_loading() : m.history_title()}
        </caption>
        <thead>
          <tr>
            <th scope="col" aria-sort="descending">
              {m.history_time()} ↓
            </th>
            <th scope="col">{m.history_kind()}</th>
            <th scope="col">{m.history_camera()}</th>
            <th scope="col">{m.history_site()}</th>
            <th scope="col" className={css.number}>
              {m.history_people()}
            </th>
            <th scope="col">{m.history_state()}</th>
            <th scope="col">{m.history_who()}</th>
            <th scope="col" className={css.number}>
              {m.history_answered_after()}
            </th>
            <th scope="col">{m.history_order()}</th>
          </tr>
        </thead>
        <tbody>
          {loading
            ? Array.from({ length: 8 }, (_, row) => <SkeletonRow key={row} />)
            : breaches.map((breach) => <Row key={breach.id} breach={breach} zone={zone} />)}
        </tbody>
      </table>
    </div>
  );
}

function SkeletonRow() {
  return (
    <tr className={css.skeleton} aria-hidden="true">
      {Array.from({ length: 9 }, (_, cell) => (
        <td key={cell} />
      ))}
    </tr>
  );
}

function Row({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const [, navigate] = useLocation();
  const opened = Date.parse(breach.opened_at);
  const took = answeredAfter(breach);
  const path = `/breaches/${breach.id}`;
  return (
    // The row is a larger target for the mouse; the link in it is what keyboard and readers use.
    <tr onClick={() => navigate(path)} data-breach={breach.id} data-state={breach.state}>
      <td>
        <Link href={path} onClick={(event) => event.stopPropagation()}>
          <time dateTime={breach.opened_at}>
            {clock(opened, zone)} <span className={css.second}>{dayMonth(opened, zone)}</span>
          </time>
        </Link>
      </td>
      <td>
        <b>{kindWord(breach.kind)}</b>
      </td>
      <td>{breach.camera_name ?? <span className={css.second}>{m.history_whole_site()}</span>}</td>
      <td>{breach.site_name}</td>
      <td className={css.number}>{breach.persons === 0 ? aboutWord(breach) : breach.persons}</td>
      <td>
        <StateWord breach={breach} />
      </td>
      <td>{who(breach) ?? <span className={css.second}>{m.history_nobody()}</span>}</td>
      <td className={css.number}>{took === null ? "–" : clockDuration(took)}</td>
      <td>{breach.order_number ?? "–"}</td>
    </tr>
  );
}

/** The same on a phone. */
export function HistoryCards({ breaches, zone }: Props) {
  return (
    <ul className={css.cards}>
      {breaches.map((breach) => {
        const opened = Date.parse(breach.opened_at);
        return (
          <li key={breach.id}>
            <Link href={`/breaches/${breach.id}`} className={css.card} data-card="">
              <b>{kindWord(breach.kind)}</b>
              <time dateTime={breach.opened_at}>
                {clock(opened, zone)} {dayMonth(opened, zone)}
              </time>
              <span className={css.second}>
                {[breach.camera_name, aboutWord(breach)].filter(Boolean).join(" · ")}
              </span>
              <StateWord breach={breach} />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
