import { Check, CircleHelp, Info, TriangleAlert, X } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { CameraProbe } from "../api/index.ts";
import { FailureBlank } from "../parts/index.ts";
import { clock } from "../time/index.ts";
import { m } from "../words/index.ts";
import css from "./cameras.module.css";
import { countOf, rowsOf, verdictWords, type Mark, type ProbeRow } from "./probe-rows.ts";
import type { Probing } from "./use-probe.ts";

const MARKS = {
  good: { Icon: Check, word: m.probe_mark_good },
  warn: { Icon: TriangleAlert, word: m.probe_mark_warn },
  bad: { Icon: X, word: m.probe_mark_bad },
  none: { Icon: Info, word: m.probe_mark_none },
  unknown: { Icon: CircleHelp, word: m.probe_mark_unknown },
} as const;

/** How a try goes, and what came of it: the verdict first, then a row a step. */
export function ProbeResult({
  probing,
  zone,
  children,
}: {
  readonly probing: Probing;
  readonly zone: string;
  /** What to do next, beside the verdict. */
  readonly children?: ReactNode;
}) {
  switch (probing.kind) {
    case "idle":
      return null;
    case "running":
      return <Running since={probing.since} />;
    case "failed":
      // At the field then, where it is mended.
      if (probing.failure.kind === "invalid") return null;
      return (
        <section className={css.card}>
          <FailureBlank failure={probing.failure} />
        </section>
      );
    case "done":
      return (
        <Done probe={probing.probe} at={probing.at} tookMs={probing.tookMs} zone={zone}>
          {children}
        </Done>
      );
  }
}

function Running({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <section className={css.card} aria-busy="true">
      <p className={css.verdict} role="status" aria-label={m.probe_running_note()}>
        {m.probe_running({ seconds: Math.max(0, Math.round((now - since) / 1000)) })}
      </p>
      <p className={css.note}>{m.probe_running_note()}</p>
    </section>
  );
}

function Done({
  probe,
  at,
  tookMs,
  zone,
  children,
}: {
  readonly probe: CameraProbe;
  readonly at: number;
  readonly tookMs: number;
  readonly zone: string;
  readonly children: ReactNode;
}) {
  const rows = rowsOf(probe);
  const verdict = useRef<HTMLDivElement>(null);
  useEffect(() => {
    verdict.current?.focus({ preventScroll: true });
    // On a phone the form is above it; what matters comes to the top.
    verdict.current?.scrollIntoView({ block: window.matchMedia("(max-width: 1023px)").matches ? "start" : "nearest" });
  }, []);
  const { title, mend } = verdictWords(probe);
  const time = clock(at, zone);
  const counts = { good: countOf(rows, "good"), warn: countOf(rows, "warn"), bad: countOf(rows, "bad") };
  return (
    <section className={css.card} aria-label={m.probe_result()} data-verdict={probe.verdict.grade}>
      <div className={css.verdictBox} ref={verdict} tabIndex={-1} role="status">
        <p className={css.verdict}>
          <MarkIcon mark={GRADES[probe.verdict.grade]} size={24} />
          {title}
        </p>
        {mend !== "" && <p className={css.verdictMend}>{mend}</p>}
        {children}
      </div>
      {probe.snapshot !== null && (
        <figure className={css.snapshot}>
          <img src={probe.snapshot} alt={m.probe_snapshot({ time })} />
          <figcaption>{m.probe_snapshot({ time })}</figcaption>
        </figure>
      )}
      <p className={css.note}>
        {m.probe_result_at({ time, seconds: Math.round(tookMs / 100) / 10 })} · {m.probe_counts(counts)}
      </p>
      <ul className={css.rows}>
        {rows.map((row) => (
          // What the verdict says already is not said twice.
          <Row key={row.id} row={row.mend === mend ? { ...row, mend: "" } : row} />
        ))}
      </ul>
    </section>
  );
}

const GRADES = { good: "good", usable: "warn", unusable: "bad" } as const;

function Row({ row }: { readonly row: ProbeRow }) {
  return (
    <li className={css.row} data-row={row.id} data-mark={row.mark}>
      <MarkIcon mark={row.mark} size={20} />
      <span className={css.rowName}>{row.name}</span>
      <span className={css.rowSeen}>
        {row.seen}
        {row.detail !== undefined && row.detail !== "" && (
          <details className={css.detail}>
            <summary>{m.probe_detail()}</summary>
            <span lang="en">{row.detail}</span>
          </details>
        )}
      </span>
      {row.mend !== "" && <span className={css.rowMend}>{row.mend}</span>}
    </li>
  );
}

function MarkIcon({ mark, size }: { readonly mark: Mark; readonly size: number }) {
  const { Icon, word } = MARKS[mark];
  return (
    <span className={`${css.mark} ${css[`mark_${mark}`] ?? ""}`}>
      <Icon size={size} aria-hidden="true" />
      <span className="hidden-but-read">{word()}</span>
    </span>
  );
}
