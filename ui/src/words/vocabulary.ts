/**
 * One word per thing of the record, in one tested place. A value that this page does not know yet
 * (a newer server) reads as "other" or "unknown", never as the good case.
 */
import * as m from "./generated/messages.ts";

const KINDS: Readonly<Record<string, () => string>> = {
  exit: m.kind_exit,
  entry: m.kind_entry,
  restricted: m.kind_restricted,
  gathering: m.kind_gathering,
  loitering: m.kind_loitering,
  over_capacity: m.kind_over_capacity,
  headcount_short: m.kind_headcount_short,
  camera_tampered: m.kind_camera_tampered,
  camera_offline: m.kind_camera_offline,
};
const STATES: Readonly<Record<string, () => string>> = {
  open: m.state_open,
  acknowledged: m.state_acknowledged,
  resolved: m.state_resolved,
  dismissed: m.state_dismissed,
};
const PRIORITIES: Readonly<Record<string, () => string>> = {
  high: m.priority_high,
  medium: m.priority_medium,
  low: m.priority_low,
};
const OUTCOMES: Readonly<Record<string, () => string>> = {
  returned: m.outcome_returned,
  left: m.outcome_left,
  permitted: m.outcome_permitted,
  other: m.outcome_other,
};
const REASONS: Readonly<Record<string, () => string>> = {
  false_alarm: m.reason_false_alarm,
  staff: m.reason_staff,
  test: m.reason_test,
  duplicate: m.reason_duplicate,
  other: m.reason_other_word,
};
const ROLES: Readonly<Record<string, () => string>> = {
  supervisor: m.role_supervisor,
  authority: m.role_authority,
  installer: m.role_installer,
  admin: m.role_admin,
};
const CAMERA_STATES: Readonly<Record<string, () => string>> = {
  connecting: m.camera_connecting,
  online: m.camera_online,
  degraded: m.camera_degraded,
  offline: m.camera_offline,
  disabled: m.camera_disabled,
};
const CAMERA_REASONS: Readonly<Record<string, () => string>> = {
  refused: m.reason_refused,
  unreachable: m.reason_unreachable,
  auth_failed: m.reason_auth_failed,
  not_found: m.reason_not_found,
  no_video: m.reason_no_video,
  unsupported_codec: m.reason_unsupported_codec,
  stalled: m.reason_stalled,
  ended: m.reason_ended,
  corrupt: m.reason_corrupt,
  clock_skewed: m.reason_clock_skewed,
  tls_failed: m.reason_tls_failed,
  network_not_allowed: m.reason_network_not_allowed,
  no_publisher: m.reason_no_publisher,
  covered: m.reason_covered,
  blinded: m.reason_blinded,
  defocused: m.reason_defocused,
  moved: m.reason_moved,
  frozen: m.reason_frozen,
  dark: m.reason_dark,
  address_sealed: m.reason_address_sealed,
  low_frame_rate: m.reason_low_frame_rate,
  unstable: m.reason_unstable,
  worker_lost: m.reason_worker_lost,
  no_detector: m.reason_no_detector,
  evidence_full: m.reason_evidence_full,
};
/** What to do about it, in one sentence. */
const CAMERA_MENDS: Readonly<Record<string, () => string>> = {
  refused: m.mend_refused,
  unreachable: m.mend_unreachable,
  auth_failed: m.mend_auth_failed,
  not_found: m.mend_not_found,
  no_video: m.mend_no_video,
  unsupported_codec: m.mend_unsupported_codec,
  stalled: m.mend_stalled,
  ended: m.mend_ended,
  corrupt: m.mend_corrupt,
  clock_skewed: m.mend_clock_skewed,
  tls_failed: m.mend_tls_failed,
  network_not_allowed: m.mend_network_not_allowed,
  no_publisher: m.mend_no_publisher,
  covered: m.mend_covered,
  blinded: m.mend_blinded,
  defocused: m.mend_defocused,
  moved: m.mend_moved,
  frozen: m.mend_frozen,
  dark: m.mend_dark,
  address_sealed: m.mend_address_sealed,
  low_frame_rate: m.mend_low_frame_rate,
  unstable: m.mend_unstable,
  worker_lost: m.mend_worker_lost,
  no_detector: m.mend_no_detector,
  evidence_full: m.mend_evidence_full,
};

/** What a probe may find amiss with a camera that can be watched, and what to do about it. */
const PROBE_MATTERS: Readonly<Record<string, () => string>> = {
  too_small: m.matter_too_small,
  small: m.matter_small,
  loss: m.matter_loss,
  slow: m.matter_slow,
  rare_keyframes: m.matter_rare_keyframes,
  no_sub_stream: m.matter_no_sub_stream,
  bare_password: m.matter_bare_password,
};
const PROBE_MENDS: Readonly<Record<string, () => string>> = {
  too_small: m.probe_mend_too_small,
  small: m.probe_mend_small,
  loss: m.probe_mend_loss,
  slow: m.probe_mend_slow,
  rare_keyframes: m.probe_mend_rare_keyframes,
  no_sub_stream: m.probe_mend_no_sub_stream,
  bare_password: m.probe_mend_bare_password,
};

/** Why evidence is lost, or ends early. */
const LOSSES: Readonly<Record<string, () => string>> = {
  no_room: m.loss_no_room,
  disk_failed: m.loss_disk_failed,
  no_key: m.loss_no_key,
  no_pictures: m.loss_no_pictures,
  too_many: m.loss_too_many,
  interrupted: m.loss_interrupted,
  stopped: m.loss_stopped,
  failed: m.loss_failed,
};

const word = (table: Readonly<Record<string, () => string>>, value: string, other: () => string) =>
  (table[value] ?? other)();

export const kindWord = (kind: string): string => word(KINDS, kind, m.kind_other);

/** What was seen while no order held: nothing was forbidden then. */
export const observedWord = (kind: string): string =>
  kind === "entry" ? m.kind_observed_entry() : kindWord(kind);

/** For a tile's strip, where the long word does not fit. */
export const shortKindWord = (kind: string): string =>
  kind === "gathering" ? m.kind_short_gathering() : kindWord(kind);

export const stateWord = (state: string): string => word(STATES, state, m.unknown);
export const priorityWord = (priority: string): string => word(PRIORITIES, priority, m.unknown);
export const outcomeWord = (outcome: string): string => word(OUTCOMES, outcome, () => outcome);
export const reasonWord = (reason: string): string => word(REASONS, reason, () => reason);
export const cameraStateWord = (state: string): string => word(CAMERA_STATES, state, m.unknown);
export const roleWord = (role: string): string => word(ROLES, role, () => role);
export const lossWord = (loss: string): string => word(LOSSES, loss, m.unknown);
export const cameraReasonWord = (reason: string): string =>
  word(CAMERA_REASONS, reason, m.reason_other);

/** Empty for a reason that this page does not know yet. */
export const cameraMendWord = (reason: string): string => word(CAMERA_MENDS, reason, () => "");

/** Of a probe's matter, or of a camera's reason. */
export const aboutProbeWord = (word: string): string =>
  PROBE_MATTERS[word]?.() ?? cameraReasonWord(word);
export const probeMendWord = (word: string): string => PROBE_MENDS[word]?.() ?? cameraMendWord(word);

/** Why nobody watched: a camera's reason, or its state. */
export const unwatchedWord = (reason: string): string =>
  (CAMERA_STATES[reason] ?? CAMERA_REASONS[reason] ?? m.reason_other)();

export function peopleWord(persons: number | null): string {
  return persons === null ? m.tile_people_unknown() : m.persons({ count: persons });
}

/** What a breach is about, in a word or two: how many people, or what is the matter with a camera. */
export function aboutWord(breach: {
  readonly kind: string;
  readonly persons: number;
  readonly why: { readonly reason?: string | null } | null;
}): string {
  if (!ABOUT_CAMERAS.has(breach.kind)) return peopleWord(breach.persons);
  const reason = breach.why?.reason ?? null;
  return reason === null ? "" : cameraReasonWord(reason);
}

const ABOUT_CAMERAS: ReadonlySet<string> = new Set(["camera_tampered", "camera_offline"]);
