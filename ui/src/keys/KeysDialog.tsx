import { useEffect, useState } from "react";
import { Dialog, Kbd } from "../parts/index.ts";
import { useSettings } from "../settings/index.ts";
import { m } from "../words/index.ts";
import { isTyping } from "./keymap.ts";
import css from "./keys.module.css";

const LIST: readonly (readonly [string, () => string])[] = [
  ["A", m.key_acknowledge],
  ["R", m.key_resolve],
  ["D", m.key_dismiss],
  ["M", m.key_mute],
  ["␣", m.key_play],
  [", .", m.key_frames],
  ["J", m.key_next],
  ["K", m.key_previous],
  ["↵", m.key_open],
  ["← ↑ ↓ →", m.key_arrows],
  ["/", m.key_filter],
  ["Esc", m.key_back],
  ["?", m.key_help],
];

/** The list of keys, on `?`; it opens with keys turned off too, and says so. */
export function KeysDialog() {
  const [shown, setShown] = useState(false);
  const enabled = useSettings((settings) => settings.keys);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const other = event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat;
      if (event.key !== "?" || other || isTyping(event.target)) return;
      if (document.querySelector("dialog[open]") === null) setShown(true);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  if (!shown) return null;
  return (
    <Dialog title={m.keys_title()} onClose={() => setShown(false)}>
      {enabled ? (
        <dl className={css.list}>
          {LIST.map(([key, words]) => (
            <div key={key} className={css.row}>
              <dt>
                <Kbd>{key}</Kbd>
                <span className="hidden-but-read">{key}</span>
              </dt>
              <dd>{words()}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p>{m.keys_off()}</p>
      )}
    </Dialog>
  );
}
