import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { m } from "../words/index.ts";
import { IconButton } from "./Button.tsx";
import css from "./parts.module.css";

interface Props {
  readonly title: string;
  readonly wide?: boolean;
  /** Without it the dialog cannot be left. */
  readonly onClose?: () => void;
  readonly children: ReactNode;
}

/** The platform's modal dialog: focus stays inside, Escape closes, focus goes back afterwards. */
export function Dialog({ title, wide = false, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null || dialog.open) return;
    const before = document.activeElement;
    dialog.showModal();
    // By itself the platform would choose the closing cross.
    dialog.querySelector<HTMLElement>("[data-first], input, textarea, select")?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide ? `${css.dialog} ${css.dialogWide}` : css.dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <div className={css.dialogHead}>
        <h2 className={css.dialogTitle} id={heading}>
          {title}
        </h2>
        {onClose !== undefined && (
          <IconButton label={m.act_close()} onClick={onClose}>
            <X size={20} />
          </IconButton>
        )}
      </div>
      {children}
    </dialog>
  );
}
