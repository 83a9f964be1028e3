import { useEffect, useRef } from "react";
import { useSettings } from "../settings/index.ts";
import { actionOf, isTyping, takesSpace, type Action } from "./keymap.ts";

/** What each key does here. A handler that answers false leaves the key to the browser. */
export type Handlers = Partial<Readonly<Record<Action, () => boolean | void>>>;

/** Listens to single keys while the page is shown, unless they are turned off or a dialog is open. */
export function useKeys(handlers: Handlers): void {
  const enabled = useSettings((settings) => settings.keys);
  const current = useRef(handlers);
  useEffect(() => {
    current.current = handlers;
  });
  useEffect(() => {
    if (!enabled) return;
    const onKey = (event: KeyboardEvent): void => {
      if (document.querySelector("dialog[open]") !== null) return;
      const { code, repeat, isComposing, ctrlKey, altKey, metaKey } = event;
      if (event.shiftKey || (code === "Space" && takesSpace(event.target))) return;
      const press = { code, repeat, isComposing, ctrlKey, altKey, metaKey, typing: isTyping(event.target) };
      const action = actionOf(press);
      const handler = action === null ? undefined : current.current[action];
      if (handler !== undefined && handler() !== false) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [enabled]);
}
