import type { ReactNode } from "react";
import css from "./parts.module.css";

/**
 * A bar. Filled ones cross the page and mean that the screen itself is deaf (`fault`), mute (`ack`)
 * or unsent (`breach`); `plain` is a remark.
 */
export function Notice({
  look,
  icon,
  title,
  next,
  children,
}: {
  readonly look: "fault" | "breach" | "ack" | "plain";
  readonly icon: ReactNode;
  readonly title: string;
  readonly next?: string | null;
  readonly children?: ReactNode;
}) {
  return (
    <div className={`${css.notice} ${css[`notice_${look}`]}`} role="status">
      {icon}
      <div className={css.noticeText}>
        <span className={css.noticeTitle}>{title}</span>
        {next !== undefined && next !== null && <span className={css.noticeNext}>{next}</span>}
      </div>
      {children}
    </div>
  );
}
