import { describe, expect, test } from "vitest";
import { takenApart, withCredentials } from "../src/cameras/address.ts";

const typed = (url: string, username = "", password = "") => ({ url, username, password });

describe("an address as it is typed", () => {
  test.each([
    ["rtsp://10.0.0.7/main", typed("rtsp://10.0.0.7/main")],
    [" 10.0.0.7:8554/main ", typed("rtsp://10.0.0.7:8554/main")],
    ["camera.local", typed("rtsp://camera.local")],
    ["rtsps://10.0.0.7/a?b=c", typed("rtsps://10.0.0.7/a?b=c")],
    ["rtsp://admin:secret@10.0.0.7/main", typed("rtsp://10.0.0.7/main", "admin", "secret")],
    ["admin:secret@10.0.0.7/main", typed("rtsp://10.0.0.7/main", "admin", "secret")],
    ["rtsp://admin:p%40ss%3A1@10.0.0.7/", typed("rtsp://10.0.0.7/", "admin", "p@ss:1")],
    ["rtsp://admin:p@ss:1@10.0.0.7/", typed("rtsp://10.0.0.7/", "admin", "p@ss:1")],
    ["rtsp://admin:50%@10.0.0.7/", typed("rtsp://10.0.0.7/", "admin", "50%")],
    ["rtsp://10.0.0.7/path/with@sign", typed("rtsp://10.0.0.7/path/with@sign")],
    ["", typed("")],
  ])("%s is taken apart", (text, apart) => {
    expect(takenApart(typed(text))).toEqual(apart);
    expect(takenApart(apart)).toEqual(apart);
  });

  test("keeps what stands in its own fields", () => {
    const whole = typed("rtsp://10.0.0.7/", "admin", "secret");
    expect(takenApart(whole)).toEqual(whole);
  });

  test.each(["secret", "p@ss:/?#% 1", "mật khẩu", ""])("sends the password %j encoded once", (password) => {
    const sent = withCredentials(typed("10.0.0.7/main", "ad:min", password));
    expect(sent).toBe(`rtsp://ad%3Amin:${encodeURIComponent(password)}@10.0.0.7/main`);
    expect(takenApart(typed(sent.replace("%3A", ""))).password).toBe(password);
  });

  test("without credentials nothing is added", () => {
    expect(withCredentials(typed("10.0.0.7"))).toBe("rtsp://10.0.0.7");
  });
});
