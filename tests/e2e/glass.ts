/**
 * What a viewer's screen shows, and when: a live view (WHEP) in a real browser, of a camera whose
 * frames carry their number (`sample_streams.numbered`).
 *
 *     node glass.ts URL USERNAME PASSWORD CAMERA SECONDS
 *
 * Prints a line of JSON a frame, `{"number": n | null, "at": seconds since 1970}`, number null where
 * it cannot be read, and first of all `{"opened_ms": …}`, from the POST to the first frame shown.
 */
import { launch } from "./browser.ts";

const [url = "", username = "", password = "", camera = "", seconds = "20"] = process.argv.slice(2);

const browser = await launch(["--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns"]);
const page = await (await browser.newContext()).newPage();
await page.exposeFunction("tell", (line: string) => console.log(line));
try {
  const answer = await page.request.post(`${url}/api/v1/session`, { data: { username, password } });
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()}`);
  // Any page of the same origin: what the API answers draws nothing and asks for nothing.
  await page.goto(`${url}/api/v1/me`);
  await page.evaluate(watch, { camera, seconds: Number(seconds) });
} finally {
  await browser.close();
}

async function watch({ camera, seconds }: { camera: string; seconds: number }): Promise<void> {
  const tell = (window as unknown as { tell: (line: string) => Promise<void> }).tell;
  const block = 32;
  const bits = 10;
  const now = (): number => Date.now() / 1000;

  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const { receiver } = peer.addTransceiver("video", { direction: "recvonly" });
  (receiver as unknown as { jitterBufferTarget: number }).jitterBufferTarget = 0;
  const video = document.createElement("video");
  video.muted = true;
  peer.ontrack = (event) => {
    video.srcObject = new MediaStream([event.track]);
    void video.play();
  };
  document.body.replaceChildren(video);
  await peer.setLocalDescription();
  const posted = now();
  const response = await fetch(`/api/v1/cameras/${camera}/whep`, {
    method: "POST",
    headers: { "Content-Type": "application/sdp" },
    body: peer.localDescription?.sdp ?? "",
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });

  const canvas = new OffscreenCanvas((bits + 3) * block, block);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("no canvas");

  function read(): number | null {
    context!.drawImage(video, 0, 0, canvas.width, block, 0, 0, canvas.width, block);
    const { data } = context!.getImageData(0, 0, canvas.width, block);
    const levels = Array.from({ length: bits + 3 }, (_, place) => {
      let sum = 0;
      for (let y = 8; y < 12; y += 1) {
        for (let x = 14; x < 18; x += 1) sum += data[4 * (y * canvas.width + place * block + x)] ?? 0;
      }
      return sum / 16;
    });
    const [white = 0, black = 255, ...rest] = levels;
    if (white - black < 120) return null;
    const shares = rest.map((level) => (level - black) / (white - black));
    if (shares.some((share) => share > 0.3 && share < 0.7)) return null;
    const read = shares.map((share) => (share > 0.5 ? 1 : 0));
    const parity = read.pop();
    if (read.reduce((sum: number, bit) => sum + bit, 0) % 2 !== parity) return null;
    let gray = read.reduce((value: number, bit) => value * 2 + bit, 0);
    for (let shift = gray >> 1; shift > 0; shift >>= 1) gray ^= shift;
    return gray;
  }

  await new Promise<void>((resolve) => {
    let first = true;
    const ends = setTimeout(resolve, seconds * 1000 + 5000);
    const until = now() + seconds;
    const frame = (): void => {
      const number = read();
      const at = now();
      if (first) void tell(JSON.stringify({ opened_ms: Math.round((at - posted) * 1000) }));
      first = false;
      void tell(JSON.stringify({ number, at }));
      if (at < until) video.requestVideoFrameCallback(frame);
      else {
        clearTimeout(ends);
        resolve();
      }
    };
    video.requestVideoFrameCallback(frame);
  });
  const location = response.headers.get("Location");
  if (location !== null) await fetch(location, { method: "DELETE" });
  peer.close();
}
