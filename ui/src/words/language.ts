/** The language of the moment, and how a message, a number and a plural read in it. */

export type Language = "vi" | "en";

let current: Language = "vi";

export function language(): Language {
  return current;
}

/** Only the settings store calls this: everything on the screen is drawn anew afterwards. */
export function setLanguage(next: Language): void {
  current = next;
  if (typeof document !== "undefined") document.documentElement.lang = next;
}

const numbers: Record<Language, Intl.NumberFormat> = {
  vi: new Intl.NumberFormat("vi-VN"),
  en: new Intl.NumberFormat("en-GB"),
};
const plurals: Record<Language, Intl.PluralRules> = {
  vi: new Intl.PluralRules("vi"),
  en: new Intl.PluralRules("en"),
};

export function pick(vi: () => string, en: () => string): string {
  return current === "vi" ? vi() : en();
}

/** A value inside a message: numbers as the language writes them, texts as they are. */
export function show(value: string | number): string {
  return typeof value === "number" ? numbers[current].format(value) : value;
}

export function plural(
  count: number,
  forms: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>,
): string {
  return forms[plurals[current].select(count)] ?? forms.other;
}
