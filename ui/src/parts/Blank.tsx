import type { ReactNode } from "react";
import { failureWords, type Failure } from "../api/index.ts";
import { m } from "../words/index.ts";
import { Button } from "./Button.tsx";
import css from "./parts.module.css";

/** A screen or list with nothing in it: what belongs here, and the next step. */
export function Blank({
  title,
  next,
  children,
}: {
  readonly title: string;
  readonly next?: string | null;
  readonly children?: ReactNode;
}) {
  return (
    <div className={css.blank}>
      <p className={css.blankTitle}>{title}</p>
      {next !== undefined && next !== null && <p className={css.blankNext}>{next}</p>}
      {children}
    </div>
  );
}

export function FailureBlank({
  failure,
  onRetry,
}: {
  readonly failure: Failure;
  readonly onRetry?: () => void;
}) {
  const words = failureWords(failure);
  return (
    <div role="alert">
      <Blank title={words.title} next={words.next}>
        {onRetry !== undefined && (
          <Button primary onClick={onRetry}>
            {m.act_retry()}
          </Button>
        )}
      </Blank>
    </div>
  );
}
