import { Bell, CircleUserRound, LoaderCircle, Unlink, Volume2, VolumeX } from "lucide-react";
import { Link, useLocation, useSearchParams } from "wouter";
import type { Me } from "../api/index.ts";
import { localOf, useLive, useNow } from "../live/index.ts";
import { changeSettings, useSettings } from "../settings/index.ts";
import { muteSound, testTone, unmuteSound, useSound } from "../sound/index.ts";
import { clock, clockDuration } from "../time/index.ts";
import { m } from "../words/index.ts";
import css from "./app.module.css";
import { PAGES, pageOf } from "./pages.ts";

/** Where one is, what waits, how old the figures are, sound and language: the same on every page. */
export function Bar({ me, site }: { readonly me: Me; readonly site: string | null }) {
  const [path] = useLocation();
  const here = pageOf(path);
  return (
    <header className={css.bar}>
      <SiteChoice me={me} site={site} />
      <nav className={css.nav} aria-label={m.nav_label()}>
        {PAGES.filter((page) => page.inNav && page.may(me)).map((page) => (
          <Link key={page.path} href={page.path} aria-current={here === page ? "page" : undefined}>
            {page.name()}
          </Link>
        ))}
      </nav>
      <div className={css.right}>
        {me.demo && <span className={css.demo}>{m.demo_badge()}</span>}
        <OpenCount />
        <AsOf />
        <LinkState />
        <div className={css.tools}>
          <SoundButton />
          <LanguageButton />
          <Link href="/me" aria-label={m.nav_me()} title={me.name}>
            <CircleUserRound size={20} aria-hidden="true" />
          </Link>
        </div>
      </div>
    </header>
  );
}

function SiteChoice({ me, site }: { readonly me: Me; readonly site: string | null }) {
  const [, setParams] = useSearchParams();
  const current = me.sites.find((one) => one.id === site);
  if (me.sites.length < 2) {
    return (
      <div className={css.site}>
        <span>{current?.name ?? m.app_name()}</span>
      </div>
    );
  }
  return (
    <div className={css.site}>
      <select
        aria-label={m.bar_site()}
        value={site ?? ""}
        onChange={(event) => {
          changeSettings({ site: event.target.value });
          setParams((before) => {
            before.delete("site");
            return before;
          });
        }}
      >
        {me.sites.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
    </div>
  );
}

export function useOpenCount(): number {
  return useLive((live) => live.wall?.breaches.filter((one) => one.state === "open").length ?? 0);
}

function OpenCount() {
  const count = useOpenCount();
  const known = useLive((live) => live.wall !== null);
  if (!known) return null;
  return (
    <Link href="/wall" className={count > 0 ? `${css.openPill} ${css.filled}` : css.openPill}>
      <Bell size={16} aria-hidden="true" />
      {m.bar_open({ count })}
    </Link>
  );
}

const STALE_MS = 10_000;

function AsOf() {
  const asOf = useLive((live) => live.asOf);
  const zone = useLive((live) => live.wall?.site.timezone);
  const now = useNow();
  if (asOf === null || zone === undefined) return <span className={css.asOf}>{m.bar_no_data()}</span>;
  const stale = now - asOf > STALE_MS;
  return (
    <span className={stale ? `${css.asOf} ${css.asOfStale}` : css.asOf}>
      <span className={css.long}>{m.bar_as_of_words()}</span>
      <span className={css.short}>{m.bar_as_of_short()}</span> <b>{clock(asOf, zone)}</b>
    </span>
  );
}

/** Only when it is not as it should be: a connection that stands is no news. */
function LinkState() {
  const link = useLive((live) => live.link);
  if (link.kind === "live") return null;
  const lost = link.kind === "lost";
  return (
    <span className={css.link}>
      {lost ? <Unlink size={16} aria-hidden="true" /> : <LoaderCircle size={16} aria-hidden="true" />}
      <span>{lost ? m.bar_link_lost() : m.bar_link_connecting()}</span>
    </span>
  );
}

function SoundButton() {
  const { armed, mutedUntil } = useSound();
  const now = useNow();
  const left = mutedUntil === null ? 0 : mutedUntil - localOf(now);
  if (!armed) {
    return (
      <button type="button" aria-label={m.bar_sound_off()} title={m.bar_sound_off()} onClick={() => void testTone("high")}>
        <VolumeX size={20} aria-hidden="true" />
      </button>
    );
  }
  if (left > 0) {
    const words = m.bar_sound_muted({ left: clockDuration(left) });
    return (
      <button type="button" aria-label={words} title={words} onClick={unmuteSound}>
        <VolumeX size={20} aria-hidden="true" />
        {clockDuration(left)}
      </button>
    );
  }
  return (
    <button type="button" aria-label={m.bar_sound_on()} title={m.bar_sound_on()} onClick={() => muteSound()}>
      <Volume2 size={20} aria-hidden="true" />
    </button>
  );
}

function LanguageButton() {
  const language = useSettings((settings) => settings.language);
  return (
    <button
      type="button"
      className={css.language}
      title={m.bar_language()}
      onClick={() => changeSettings({ language: language === "vi" ? "en" : "vi" })}
    >
      <span aria-hidden="true">{m.bar_language_short()}</span>
      <span className="hidden-but-read">{m.bar_language()}</span>
    </button>
  );
}
