import { Bell, Check, CheckCheck, ChevronsUp, CircleHelp, X } from "lucide-react";
import type { Breach } from "../api/index.ts";
import { m, priorityWord, stateWord } from "../words/index.ts";
import css from "./parts.module.css";

type Shown = "open" | "escalated" | "acknowledged" | "resolved" | "dismissed" | "unknown";

const ICONS = {
  open: Bell,
  escalated: ChevronsUp,
  acknowledged: Check,
  resolved: CheckCheck,
  dismissed: X,
  unknown: CircleHelp,
} as const;

function shownState(breach: Breach): Shown {
  if (breach.state === "open" && breach.escalated_at !== null) return "escalated";
  return breach.state in ICONS ? breach.state : "unknown";
}

/** A breach's state in a table: icon, word, then colour. */
export function StateWord({ breach }: { readonly breach: Breach }) {
  const shown = shownState(breach);
  const Icon = ICONS[shown];
  return (
    <span className={`${css.state} ${css[`state_${shown}`] ?? ""}`}>
      <Icon size={16} aria-hidden="true" />
      {shown === "escalated" ? m.state_escalated() : stateWord(breach.state)}
    </span>
  );
}

const CAPITAL: Readonly<Record<Breach["state"], () => string>> = {
  open: m.state_open_capital,
  acknowledged: m.state_acknowledged_capital,
  resolved: m.state_resolved_capital,
  dismissed: m.state_dismissed_capital,
};

/** The state as a tag beside a title; filled only while it waits for an answer. */
export function StateTag({ breach }: { readonly breach: Breach }) {
  const Icon = ICONS[shownState(breach)];
  const look = breach.state === "open" ? css.tagOpen : breach.state === "acknowledged" ? css.tagAck : "";
  return (
    <span className={`${css.tag} ${look}`}>
      <Icon size={16} aria-hidden="true" />
      {CAPITAL[breach.state]()}
    </span>
  );
}

const LONG: Readonly<Record<Breach["priority"], () => string>> = {
  high: m.priority_high_long,
  medium: m.priority_medium_long,
  low: m.priority_low_long,
};

/** `filled`: the breach is open and urgent, and this tag says so. */
export function PriorityTag({
  breach,
  long = false,
}: {
  readonly breach: Breach;
  readonly long?: boolean;
}) {
  const filled = !long && breach.state === "open" && breach.priority === "high";
  return (
    <span className={filled ? `${css.tag} ${css.tagOpen}` : css.tag}>
      {long ? LONG[breach.priority]() : priorityWord(breach.priority)}
    </span>
  );
}
