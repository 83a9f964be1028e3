export { KeysDialog } from "./KeysDialog.tsx";
export type { Action } from "./keymap.ts";
export { useKeys, type Handlers } from "./use-keys.ts";
