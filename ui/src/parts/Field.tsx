import { CircleAlert } from "lucide-react";
import { useId, type ReactNode } from "react";
import css from "./parts.module.css";

interface Control {
  readonly id: string;
  readonly className: string | undefined;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string | undefined;
}

/** A label, a control and what is wrong with it, tied together. */
export function Field({
  label,
  fault = null,
  hint = null,
  children,
}: {
  readonly label: string;
  readonly fault?: string | null;
  readonly hint?: string | null;
  readonly children: (control: Control) => ReactNode;
}) {
  const id = useId();
  const about = [fault === null ? null : `${id}-fault`, hint === null ? null : `${id}-hint`];
  const described = about.filter((one) => one !== null).join(" ");
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        className: css.input,
        "aria-invalid": fault !== null,
        "aria-describedby": described === "" ? undefined : described,
      })}
      {hint !== null && (
        <p className={css.hint} id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {fault !== null && <FaultText id={`${id}-fault`}>{fault}</FaultText>}
    </div>
  );
}

export function FaultText({ id, children }: { readonly id?: string; readonly children: string }) {
  return (
    <p className={css.fault} id={id} role="alert">
      <CircleAlert size={16} aria-hidden="true" />
      {children}
    </p>
  );
}
