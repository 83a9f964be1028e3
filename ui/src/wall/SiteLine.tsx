import type { ReactNode } from "react";
import type { WallOrder } from "../api/index.ts";
import { useLive, useNow, type WallState } from "../live/index.ts";
import { age, clock, until } from "../time/index.ts";
import { m } from "../words/index.ts";
import css from "./wall.module.css";

/** Figures older than this are grey and tell their age. */
const STALE_MS = 10_000;

/** The site's figures, side by side and never added, and the order that holds here. */
export function SiteLine({ wall, children }: { readonly wall: WallState; readonly children?: ReactNode }) {
  const asOf = useLive((live) => live.asOf);
  const now = useNow();
  const { figures, site } = wall;
  const old = asOf === null ? 0 : now - asOf;
  const stale = old > STALE_MS;
  const at = (time: string | null): string | null =>
    time === null ? null : clock(Date.parse(time), site.timezone).slice(0, 5);
  const balanceAt = at(figures.balance_at);
  return (
    <section className={stale ? `${css.siteLine} ${css.stale}` : css.siteLine} aria-label={m.wall_figures()}>
      {figures.registered !== null && (
        <Figure value={figures.registered} words={m.figure_registered()} />
      )}
      {figures.balance !== null && (
        <Figure
          value={figures.balance}
          words={balanceAt === null ? m.figure_balance_plain() : m.figure_balance({ time: balanceAt })}
        />
      )}
      <Figure value={figures.visible} words={m.figure_visible()} />
      {stale && asOf !== null && (
        <span className={css.staleWord}>
          {m.link_stale_numbers({ time: clock(asOf, site.timezone), age: age(old) })}
        </span>
      )}
      <OrderWords orders={wall.orders} zone={site.timezone} now={now} />
      {children}
    </section>
  );
}

function Figure({ value, words }: { readonly value: number | null; readonly words: string }) {
  return (
    <span className={css.figure}>
      {value === null ? <b className={css.unknown}>{m.unknown()}</b> : <b>{value}</b>} {words}
    </span>
  );
}

function OrderWords({
  orders,
  zone,
  now,
}: {
  readonly orders: readonly WallOrder[];
  readonly zone: string;
  readonly now: number;
}) {
  const inForce = orders.filter((one) => Date.parse(one.from) <= now && now < Date.parse(one.to));
  const first = inForce.toSorted((a, b) => Date.parse(b.to) - Date.parse(a.to))[0];
  if (first === undefined) {
    return <span className={`${css.siteOrder} ${css.noOrder}`}>{m.wall_order_none()}</span>;
  }
  const words = { number: first.number, until: until(Date.parse(first.to), zone) };
  const others = inForce.length - 1;
  return (
    <span className={css.siteOrder}>
      {others > 0 ? m.wall_order_more({ ...words, count: others }) : m.wall_order_until(words)}
    </span>
  );
}
