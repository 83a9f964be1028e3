import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { Breach } from "../api/index.ts";
import { StateWord } from "../parts/index.ts";
import { clock } from "../time/index.ts";
import { aboutWord, kindWord, m } from "../words/index.ts";
import css from "./page.module.css";
import { nearbyQuery } from "./queries.ts";

const AROUND_MS = 600_000;

/** What else this camera saw, ten minutes before and after. */
export function Nearby({ breach, zone }: { readonly breach: Breach; readonly zone: string }) {
  const opened = Date.parse(breach.opened_at);
  const filter = {
    site: breach.site,
    ...(breach.camera === null ? {} : { camera: breach.camera }),
    from: new Date(opened - AROUND_MS).toISOString(),
    to: new Date(opened + AROUND_MS).toISOString(),
  };
  const query = useQuery(nearbyQuery(filter, breach.camera !== null));
  if (query.data === undefined) return null;
  const others = query.data.items.filter((one) => one.id !== breach.id);
  return (
    <section className={css.near}>
      <h2>{m.breach_nearby()}</h2>
      {others.length === 0 ? (
        <p className={css.second}>{m.breach_nearby_none()}</p>
      ) : (
        <ul>
          {others.map((one) => (
            <li key={one.id}>
              <Link href={`/breaches/${one.id}`}>
                <time dateTime={one.opened_at}>{clock(Date.parse(one.opened_at), zone)}</time>
                <span>
                  {[kindWord(one.kind), aboutWord(one)].filter(Boolean).join(", ")}
                </span>
                <span className={css.second}>{one.line_name ?? one.area_name}</span>
                <StateWord breach={one} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
