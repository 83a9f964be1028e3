/**
 * Single keys by their place on the keyboard (`event.code`), so that they work in every layout and
 * while an input method is on. Telex turns `aa` into Backspace and `â`: nothing is taken while
 * typing, composing, or from a held-down key.
 */
export interface KeyPress {
  readonly code: string;
  readonly repeat: boolean;
  readonly isComposing: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  /** Whether the focus is where one types. */
  readonly typing: boolean;
}

export type Action =
  | "acknowledge"
  | "resolve"
  | "dismiss"
  | "mute"
  | "play"
  | "frame_back"
  | "frame_on"
  | "next"
  | "previous"
  | "open"
  | "filter"
  | "back"
  | "up"
  | "down"
  | "left"
  | "right";

export const KEYS: Readonly<Record<string, Action>> = {
  KeyA: "acknowledge",
  KeyR: "resolve",
  KeyD: "dismiss",
  KeyM: "mute",
  Space: "play",
  Comma: "frame_back",
  Period: "frame_on",
  KeyJ: "next",
  KeyK: "previous",
  Enter: "open",
  Slash: "filter",
  Escape: "back",
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

export function actionOf(press: KeyPress): Action | null {
  if (press.repeat || press.isComposing || press.typing) return null;
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  return KEYS[press.code] ?? null;
}

/** Whether a space already does something to it. */
export function takesSpace(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, summary, input, [role=button]") !== null;
}

/** Whether an element takes what is typed, or has keys of its own. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
