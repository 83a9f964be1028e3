import type { ButtonHTMLAttributes, ReactNode } from "react";
import { useSettings } from "../settings/index.ts";
import css from "./parts.module.css";

interface Look {
  readonly primary?: boolean;
  readonly size?: "small" | "large";
  readonly wide?: boolean;
  /** What was asked is on its way: dashed, and not to be pressed again. */
  readonly busy?: boolean;
  readonly onFill?: boolean;
  readonly quiet?: boolean;
  readonly icon?: ReactNode;
  readonly shortcut?: string;
}

export function Button({
  primary = false,
  size,
  wide = false,
  busy = false,
  onFill = false,
  quiet = false,
  icon,
  shortcut,
  children,
  ...rest
}: Look & ButtonHTMLAttributes<HTMLButtonElement>) {
  const classes = [
    css.button,
    primary && !busy && css.primary,
    size === "small" && css.small,
    size === "large" && css.large,
    wide && css.wide,
    busy && css.busy,
    onFill && css.onFill,
    quiet && css.quiet,
  ];
  return (
    <button type="button" className={classes.filter(Boolean).join(" ")} disabled={busy} {...rest}>
      {icon}
      {children}
      {shortcut !== undefined && !busy && <Kbd>{shortcut}</Kbd>}
    </button>
  );
}

/** A button that is an icon: its label is read, and shown on hover. */
export function IconButton({
  label,
  children,
  ...rest
}: { readonly label: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" className={css.iconButton} aria-label={label} title={label} {...rest}>
      {children}
    </button>
  );
}

/** A key, as long as keys are in use. */
export function Kbd({ children }: { readonly children: string }) {
  const keys = useSettings((settings) => settings.keys);
  return keys ? (
    <kbd className={css.kbd} aria-hidden="true">
      {children}
    </kbd>
  ) : null;
}
