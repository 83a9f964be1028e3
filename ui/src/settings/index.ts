/** What a person set on this computer: language, theme, single-letter keys, the last site. */
import { create } from "zustand";
import * as v from "valibot";
import { setLanguage, type Language } from "../words/index.ts";

export type Theme = "system" | "light" | "dark";

export interface Settings {
  readonly language: Language;
  readonly theme: Theme;
  readonly keys: boolean;
  readonly site: string | null;
}

const KEY = "wardwatch.settings";
const Stored = v.object({
  language: v.fallback(v.picklist(["vi", "en"]), "vi"),
  theme: v.fallback(v.picklist(["system", "light", "dark"]), "system"),
  keys: v.fallback(v.boolean(), true),
  site: v.fallback(v.nullable(v.string()), null),
});
const DEFAULTS: Settings = { language: "vi", theme: "system", keys: true, site: null };

/** Whether the language was chosen on this computer; until then the account's own is used. */
let chosen = false;

function load(): Settings {
  try {
    const text = localStorage.getItem(KEY);
    if (text === null) return DEFAULTS;
    chosen = true;
    return v.parse(Stored, JSON.parse(text));
  } catch {
    return DEFAULTS; // storage refused or spoilt: the defaults serve
  }
}

export const useSettings = create<Settings>(() => {
  const settings = load();
  setLanguage(settings.language);
  return settings;
});

export function changeSettings(change: Partial<Settings>): void {
  useSettings.setState(change);
  const settings = useSettings.getState();
  setLanguage(settings.language);
  chosen = true;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // storage refused: the choice lasts as long as the page
  }
}

/** The account's language, unless another was chosen on this computer. */
export function adoptLanguage(language: string): void {
  if (chosen || (language !== "vi" && language !== "en")) return;
  setLanguage(language);
  useSettings.setState({ language });
}

/** Sets the theme on <html>; the wall is dark whatever the setting. */
export function applyTheme(theme: Theme, wall: boolean): void {
  const root = document.documentElement;
  const wanted = wall ? "dark" : theme;
  if (wanted === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = wanted;
}
