/** What holds for the catalogues: equal keys and placeholders, sorted, no word that is out of date. */

export type Text = string | Record<string, string>;

/** Two administrative levels since July 2025: the district level is gone. */
const BANNED = /(^|[^\p{L}])(quận|huyện|district|county)([^\p{L}]|$)/iu;

export function parseCatalogue(json: string): Record<string, Text> {
  const value: unknown = JSON.parse(json);
  if (!isRecord(value)) throw new Error("a catalogue is an object of texts");
  const texts: Record<string, Text> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text === "string") texts[key] = text;
    else if (isRecord(text)) texts[key] = plurals(key, text);
    else throw new Error(`${key}: neither a text nor plural forms`);
  }
  return texts;
}

function plurals(key: string, forms: Record<string, unknown>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [form, text] of Object.entries(forms)) {
    if (typeof text !== "string") throw new Error(`${key}.${form}: not a text`);
    texts[form] = text;
  }
  if (texts["other"] === undefined) throw new Error(`${key}: plural forms lack "other"`);
  return texts;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function placeholders(text: Text): string[] {
  const forms = typeof text === "string" ? [text] : Object.values(text);
  const names = forms.flatMap((form) => [...form.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? ""));
  return [...new Set(names)].toSorted();
}

/** Every fault as a sentence; none: the catalogues match. */
export function check(vi: Record<string, Text>, en: Record<string, Text>): string[] {
  const faults: string[] = [];
  for (const key of Object.keys(vi)) {
    if (!(key in en)) faults.push(`en.json lacks ${key}`);
  }
  for (const key of Object.keys(en)) {
    if (!(key in vi)) faults.push(`vi.json lacks ${key}`);
  }
  for (const [language, texts] of [["vi", vi], ["en", en]] as const) {
    for (const [key, text] of Object.entries(texts)) {
      const whole = typeof text === "string" ? text : Object.values(text).join(" ");
      if (BANNED.test(whole)) faults.push(`${language}.json ${key}: a banned word`);
      if (whole !== whole.normalize("NFC")) faults.push(`${language}.json ${key}: not NFC`);
      if (whole.trim() === "") faults.push(`${language}.json ${key}: empty`);
      if (!/^[a-z][a-z0-9_]*$/.test(key)) faults.push(`${language}.json ${key}: not snake_case`);
    }
  }
  for (const [key, text] of Object.entries(vi)) {
    const other = en[key];
    if (other === undefined) continue;
    const here = placeholders(text).join(", ");
    const there = placeholders(other).join(", ");
    if (here !== there) faults.push(`${key}: vi has {${here}}, en has {${there}}`);
  }
  return faults;
}
