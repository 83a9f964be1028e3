import { Link, useLocation } from "wouter";
import type { Me } from "../api/index.ts";
import { m } from "../words/index.ts";
import css from "./app.module.css";
import { useOpenCount } from "./Bar.tsx";
import { PAGES, pageOf } from "./pages.ts";

/** The phone's navigation, in reach of the thumb. */
export function BottomBar({ me }: { readonly me: Me }) {
  const [path] = useLocation();
  const here = pageOf(path);
  const open = useOpenCount();
  return (
    <nav className={css.bottom} aria-label={m.nav_label()}>
      {PAGES.filter((page) => page.may(me)).map((page) => {
        const Icon = page.icon;
        return (
          <Link key={page.path} href={page.path} aria-current={here === page ? "page" : undefined}>
            <Icon size={24} aria-hidden="true" />
            {page.name()}
            {page.path === "/wall" && open > 0 && <span className={css.badge}>{open}</span>}
          </Link>
        );
      })}
    </nav>
  );
}
