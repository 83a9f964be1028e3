import { useQuery } from "@tanstack/react-query";
import { fetchUnwatched } from "../api/index.ts";
import { useNow } from "../live/index.ts";
import { clock, clockDuration, stamp } from "../time/index.ts";
import { m, unwatchedWord } from "../words/index.ts";
import css from "./pictures.module.css";
import { sumOf, type Gap } from "./unwatched.ts";

/** Of `HH:mm:ss`, with which a stamp begins. */
const TIME_LENGTH = 8;
const AGAIN_MS = 60_000;

/** What nobody watched in the last day: in all, and opened, when and why. */
export function UnwatchedTime({ id, zone }: { readonly id: string; readonly zone: string }) {
  const now = useNow();
  const { data } = useQuery({
    queryKey: ["camera-unwatched", id],
    queryFn: ({ signal }) => fetchUnwatched(id, signal),
    refetchInterval: AGAIN_MS,
  });
  if (data === undefined || !data.ok) return <Line>{m.unknown()}</Line>;
  const { share_watched: share, intervals } = data.value;
  const sum = sumOf(intervals, now);
  if (sum.count === 0) return <Line>{share === null ? m.unknown() : m.unwatched_none()}</Line>;
  return (
    <details className={css.unwatched}>
      <summary>
        <span className={css.unwatchedName}>{m.unwatched_title()}</span>
        <strong>{m.unwatched_total({ total: clockDuration(sum.ms), count: sum.count })}</strong>
      </summary>
      <ul>
        {sum.shown.map((gap) => (
          <li key={gap.from}>
            <span>{spanWords(gap, zone)}</span>
            <span>{clockDuration(gap.ms)}</span>
            <span>{unwatchedWord(gap.reason)}</span>
          </li>
        ))}
        {sum.more > 0 && <li>{m.unwatched_more({ count: sum.more })}</li>}
      </ul>
    </details>
  );
}

function Line({ children }: { readonly children: string }) {
  return (
    <p className={css.unwatchedLine}>
      <span className={css.unwatchedName}>{m.unwatched_title()}</span>
      <span>{children}</span>
    </p>
  );
}

function spanWords(gap: Gap, zone: string): string {
  const from = stamp(gap.from, zone);
  if (gap.to === null) return m.unwatched_open({ from });
  const to = stamp(gap.to, zone);
  const dayOf = (text: string): string => text.slice(TIME_LENGTH);
  return m.unwatched_span({ from, to: dayOf(from) === dayOf(to) ? clock(gap.to, zone) : to });
}
