import type { Breach } from "../api/index.ts";
import { useLive } from "../live/index.ts";
import { orderTime, until } from "../time/index.ts";
import { kindWord, m } from "../words/index.ts";
import css from "./page.module.css";

/** The order that made it a breach. What the wall does not know of it is left out. */
export function OrderCard({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const orders = useLive((live) => live.wall?.orders);
  const order = orders?.find((one) => one.id === breach.order);
  const version = breach.orders.find((one) => one.id === breach.order)?.version;
  return (
    <section className={css.card}>
      <div className={css.cardHead}>
        <h2>{m.breach_order()}</h2>
        {breach.order_number !== null && <b>{breach.order_number}</b>}
      </div>
      {breach.order === null ? (
        <p className={css.second}>{m.breach_order_none()}</p>
      ) : (
        <dl className={css.facts}>
          {order !== undefined && (
            <>
              <dt>{m.breach_order_issuer()}</dt>
              <dd>{order.issuer}</dd>
              <dt>{m.breach_order_in_force()}</dt>
              <dd>
                {m.breach_order_from_to({
                  from: orderTime(Date.parse(order.from), zone),
                  to: until(Date.parse(order.to), zone),
                })}
              </dd>
            </>
          )}
          <dt>{m.breach_order_rule()}</dt>
          <dd>{kindWord(breach.kind)}</dd>
          {version !== undefined && (
            <>
              <dt>{m.breach_order_version()}</dt>
              <dd>{version}</dd>
            </>
          )}
        </dl>
      )}
      {breach.order_ended && <p className={css.second}>{m.breach_order_ended()}</p>}
    </section>
  );
}
