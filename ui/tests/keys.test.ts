import { describe, expect, test } from "vitest";
import { actionOf, type KeyPress } from "../src/keys/keymap.ts";

const press = (code: string, change: Partial<KeyPress> = {}): KeyPress => ({
  code,
  repeat: false,
  isComposing: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  typing: false,
  ...change,
});

describe("keys", () => {
  test.each([
    ["KeyA", "acknowledge"],
    ["KeyR", "resolve"],
    ["KeyD", "dismiss"],
    ["KeyM", "mute"],
    ["Space", "play"],
    ["Comma", "frame_back"],
    ["Period", "frame_on"],
    ["KeyJ", "next"],
    ["KeyK", "previous"],
    ["Slash", "filter"],
    ["Escape", "back"],
  ])("%s is %s, by its place and not its letter", (code, action) => {
    expect(actionOf(press(code))).toBe(action);
  });

  test.each([
    ["a key held down", { repeat: true }],
    ["an input method at work (Telex: aa becomes â)", { isComposing: true }],
    ["typing", { typing: true }],
    ["Ctrl", { ctrlKey: true }],
    ["Alt", { altKey: true }],
    ["Meta", { metaKey: true }],
  ])("nothing happens with %s", (_, change) => {
    expect(actionOf(press("KeyA", change))).toBeNull();
  });

  test("other keys are left alone", () => expect(actionOf(press("KeyQ"))).toBeNull());
});
