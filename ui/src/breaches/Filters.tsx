import { useState, type ReactNode, type RefObject } from "react";
import type { BreachFilter } from "../api/index.ts";
import { serverNow, useLive } from "../live/index.ts";
import { FaultText } from "../parts/index.ts";
import { useMe } from "../session/index.ts";
import { fromField, toField } from "../time/index.ts";
import { kindWord, m, stateWord } from "../words/index.ts";
import { KINDS, STATES } from "./filter.ts";
import css from "./history.module.css";

interface Props {
  readonly filter: BreachFilter;
  readonly zone: string;
  readonly onChange: (filter: BreachFilter) => void;
  readonly first: RefObject<HTMLSelectElement | null>;
}

/** What the list is narrowed to. It stands in the address, so a filtered list can be sent on. */
export function Filters({ filter, zone, onChange, first }: Props) {
  const me = useMe();
  const cameras = useLive((live) => live.wall?.cameras) ?? [];
  const { unit, site, camera, kind, state, from, to } = filter;
  const change = (part: { readonly [Name in keyof BreachFilter]?: string }): void => {
    const merged: Record<string, string> = { ...filter, ...part };
    const kept = Object.entries(merged).filter(([, value]) => value !== "");
    onChange(Object.fromEntries(kept));
  };
  const place = site !== undefined ? `site:${site}` : unit !== undefined ? `unit:${unit}` : "";
  return (
    <form className={css.filters} aria-label={m.history_filters()} onSubmit={(e) => e.preventDefault()}>
      <Choice
        label={m.history_unit()}
        value={place}
        first={first}
        onChange={(value) => {
          const [what, id = ""] = value.split(":", 2);
          change({ unit: what === "unit" ? id : "", site: what === "site" ? id : "", camera: "" });
        }}
      >
        {me.units.map((one) => (
          <option key={one.id} value={`unit:${one.id}`}>
            {one.name}
          </option>
        ))}
        {me.sites.map((one) => (
          <option key={one.id} value={`site:${one.id}`}>
            {one.name}
          </option>
        ))}
      </Choice>
      <Choice label={m.history_camera()} value={camera ?? ""} onChange={(value) => change({ camera: value })}>
        {cameras.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </Choice>
      <Choice label={m.history_kind()} value={kind ?? ""} onChange={(value) => change({ kind: value })}>
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {kindWord(one)}
          </option>
        ))}
      </Choice>
      <Choice label={m.history_state()} value={state ?? ""} onChange={(value) => change({ state: value })}>
        {STATES.map((one) => (
          <option key={one} value={one}>
            {stateWord(one)}
          </option>
        ))}
      </Choice>
      <Moment
        label={m.history_from()}
        empty={m.moment_hint()}
        value={from}
        zone={zone}
        onChange={(value) => change({ from: value })}
      />
      <Moment
        label={m.history_to()}
        empty={m.history_to_now()}
        value={to}
        zone={zone}
        onChange={(value) => change({ to: value })}
      />
      {Object.keys(filter).length > 0 && (
        <a
          className={css.clear}
          href="/breaches"
          onClick={(event) => {
            event.preventDefault();
            onChange({});
          }}
        >
          {m.history_clear()}
        </a>
      )}
    </form>
  );
}

function Choice({
  label,
  value,
  first,
  onChange,
  children,
}: {
  readonly label: string;
  readonly value: string;
  readonly first?: RefObject<HTMLSelectElement | null>;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}) {
  return (
    <label className={css.filter}>
      {label}
      <select
        ref={first}
        className={value === "" ? undefined : css.set}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">{m.history_all()}</option>
        {children}
      </select>
    </label>
  );
}

/** A time as it is written here, in the site's zone; the browser's own field would follow another
 * country's order of day and month. Taken over on Enter or on leaving. */
function Moment({
  label,
  empty,
  value,
  zone,
  onChange,
}: {
  readonly label: string;
  readonly empty: string;
  readonly value: string | undefined;
  readonly zone: string;
  readonly onChange: (value: string) => void;
}) {
  const shown = value === undefined ? "" : toField(Date.parse(value), zone);
  const [typed, setTyped] = useState<string | null>(null);
  const [fault, setFault] = useState(false);
  const take = (): void => {
    if (typed === null) return;
    const at = fromField(typed, zone, serverNow());
    setFault(at === null && typed.trim() !== "");
    if (at === null && typed.trim() !== "") return;
    setTyped(null);
    onChange(at === null ? "" : new Date(at).toISOString());
  };
  return (
    <label className={css.filter}>
      {label}
      <input
        type="text"
        inputMode="numeric"
        className={value === undefined ? undefined : css.set}
        placeholder={empty}
        title={m.moment_hint()}
        aria-invalid={fault}
        value={typed ?? shown}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => event.key === "Enter" && take()}
      />
      {fault && <FaultText>{m.moment_fault()}</FaultText>}
    </label>
  );
}
