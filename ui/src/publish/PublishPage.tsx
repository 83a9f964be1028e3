/** A phone as a camera: paired by the code in the address, then publishing until told to stop. */
import { Camera, RefreshCw, SwitchCamera } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { failureWords, redeemPairing, type Failure } from "../api/index.ts";
import { Blank, Button } from "../parts/index.ts";
import { changeSettings, useSettings } from "../settings/index.ts";
import { m } from "../words/index.ts";
import css from "./publish.module.css";
import { StateLine } from "./StateLine.tsx";
import { forget, load, save, takeCode, type Pairing } from "./stored.ts";
import { learnIceServers } from "./ice.ts";
import { usePublishing } from "./use-publishing.ts";

/** Before the first drawing, and once however often it is drawn: a code can be traded once. */
const code = takeCode(location, history);
const trading = code === null ? null : redeemPairing(code);

type Standing =
  | { readonly kind: "trading" }
  | { readonly kind: "refused"; readonly failure: Failure }
  | { readonly kind: "unpaired" }
  | { readonly kind: "paired"; readonly pairing: Pairing };

function standingNow(): Standing {
  if (trading !== null) return { kind: "trading" };
  const pairing = load();
  return pairing === null ? { kind: "unpaired" } : { kind: "paired", pairing };
}

export function PublishPage() {
  const language = useSettings((settings) => settings.language);
  const [standing, setStanding] = useState(standingNow);
  const title = `${m.publish_title()} · ${m.app_name()}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    void trading?.then((answer) => {
      if (!answer.ok) return setStanding({ kind: "refused", failure: answer.failure });
      const { token, path, camera, camera_name: cameraName, site_name: siteName } = answer.value;
      learnIceServers(camera, answer.value.ice_servers);
      const pairing: Pairing = { token, path, camera, cameraName, siteName, facing: "environment", on: false };
      save(pairing);
      setStanding({ kind: "paired", pairing });
    });
  }, []);
  return (
    <main className={css.page} key={language}>
      <header className={css.head}>
        <h1 className={css.title}>{m.publish_title()}</h1>
        <Button quiet size="small" onClick={() => changeSettings({ language: language === "vi" ? "en" : "vi" })}>
          {language === "vi" ? "English" : "Tiếng Việt"}
        </Button>
      </header>
      <Content
        standing={standing}
        onForget={() => {
          forget();
          setStanding({ kind: "unpaired" });
        }}
      />
    </main>
  );
}

function Content({ standing, onForget }: { readonly standing: Standing; readonly onForget: () => void }) {
  // Browsers leave the camera out where the page did not come over HTTPS.
  if (!("mediaDevices" in navigator)) {
    return <Blank title={m.publish_insecure()} next={m.publish_insecure_next()} />;
  }
  switch (standing.kind) {
    case "trading":
      return <Blank title={m.publish_trading()} />;
    case "refused":
      return <Refused failure={standing.failure} />;
    case "unpaired":
      return <Blank title={m.publish_unpaired()} next={m.publish_unpaired_next()} />;
    case "paired":
      return <Paired pairing={standing.pairing} onForget={onForget} />;
  }
}

function Refused({ failure }: { readonly failure: Failure }) {
  if (failure.kind === "not_allowed") {
    return <Blank title={m.publish_code_refused()} next={m.publish_unpaired_next()} />;
  }
  const words = failureWords(failure);
  return <Blank title={words.title} next={words.next ?? m.publish_unpaired_next()} />;
}

function Paired({ pairing: first, onForget }: { readonly pairing: Pairing; readonly onForget: () => void }) {
  const [pairing, setPairing] = useState(first);
  const { state, stream } = usePublishing(pairing, pairing.on);
  const change = (changes: Partial<Pairing>): void => {
    const next = { ...pairing, ...changes };
    save(next);
    setPairing(next);
  };
  const other = pairing.facing === "environment" ? "user" : "environment";
  return (
    <>
      <p className={css.camera}>
        <strong>{pairing.cameraName}</strong>
        <span>{pairing.siteName}</span>
      </p>
      <Preview stream={stream} mirrored={pairing.facing === "user"} />
      <StateLine state={state} />
      <div className={css.acts}>
        <Button
          primary={!pairing.on}
          size="large"
          wide
          icon={pairing.on ? undefined : <Camera size={20} aria-hidden="true" />}
          onClick={() => change({ on: !pairing.on })}
        >
          {pairing.on ? m.publish_stop() : m.publish_start()}
        </Button>
        <Button
          wide
          icon={<SwitchCamera size={20} aria-hidden="true" />}
          onClick={() => change({ facing: other })}
        >
          {other === "user" ? m.publish_front() : m.publish_back()}
        </Button>
      </div>
      <p className={css.note}>{m.publish_note()}</p>
      <p className={css.note}>{m.publish_kept()}</p>
      <Button quiet size="small" icon={<RefreshCw size={16} aria-hidden="true" />} onClick={onForget}>
        {m.publish_forget()}
      </Button>
    </>
  );
}

function Preview({ stream, mirrored }: { readonly stream: MediaStream | null; readonly mirrored: boolean }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (ref.current !== null) ref.current.srcObject = stream;
  }, [stream]);
  return (
    <video
      ref={ref}
      className={mirrored ? `${css.preview} ${css.mirrored}` : css.preview}
      aria-label={m.publish_preview()}
      autoPlay
      muted
      playsInline
    />
  );
}
