export * from "./calls.ts";
export { askClearView, closeView, fetchIceServers, iceServer, openView, type OpenedView } from "./live.ts";
export { whenSignedOut } from "./client.ts";
export { parseMessage, type LiveEvent, type ObservedEvent, type OpenedBreach, type RawMessage } from "./events.ts";
export { askRendition, evidenceUrl, fetchEvidence } from "./evidence.ts";
export { failureWords, type FailureWords } from "./failure-words.ts";
export * from "./publishing.ts";
export { failureOf, failureOfThrown, type Failure, type FieldFault, type Result } from "./result.ts";
export type * from "./types.ts";
