/** The history's filter as it stands in the address, and back. Pure. */
import * as v from "valibot";
import type { BreachFilter, BreachState, Kind } from "../api/index.ts";

export const KINDS = [
  "exit",
  "entry",
  "restricted",
  "gathering",
  "loitering",
  "over_capacity",
  "headcount_short",
  "camera_tampered",
  "camera_offline",
] as const satisfies readonly Kind[];
export const STATES = ["open", "acknowledged", "resolved", "dismissed"] as const satisfies readonly BreachState[];

const Id = v.pipe(v.string(), v.regex(/^[\w.:-]{1,64}$/));
const Time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
);
const Filter = v.object({
  unit: v.exactOptional(Id),
  site: v.exactOptional(Id),
  camera: v.exactOptional(Id),
  kind: v.exactOptional(v.picklist(KINDS)),
  state: v.exactOptional(v.picklist(STATES)),
  from: v.exactOptional(Time),
  to: v.exactOptional(Time),
});

/** What the address says; a value that cannot be is left out rather than sent. */
export function filterFrom(params: URLSearchParams): BreachFilter {
  const found: Record<string, string> = {};
  for (const [name, schema] of Object.entries(Filter.entries)) {
    const value = params.get(name);
    if (value !== null && v.is(schema, value)) found[name] = value;
  }
  return v.parse(Filter, found);
}

export function paramsOf(filter: BreachFilter): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (name in Filter.entries && typeof value === "string" && value !== "") params.set(name, value);
  }
  return params;
}
