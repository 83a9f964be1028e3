/** Everything that is read on the screen: messages, numbers, and the record's vocabulary. */
export * as m from "./generated/messages.ts";
export { language, setLanguage, show, type Language } from "./language.ts";
export {
  kindWord,
  lossWord,
  observedWord,
  outcomeWord,
  aboutWord,
  peopleWord,
  priorityWord,
  reasonWord,
  roleWord,
  shortKindWord,
  stateWord,
  cameraMendWord,
  cameraReasonWord,
  cameraStateWord,
  aboutProbeWord,
  probeMendWord,
  unwatchedWord,
} from "./vocabulary.ts";
