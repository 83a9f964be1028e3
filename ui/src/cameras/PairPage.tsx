/** For the installer: a QR code that a phone scans to become this camera, for five minutes. */
import { QrCode as QrIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { pairCamera, type Camera, type Failure, type PairingMade } from "../api/index.ts";
import { Blank, Button, FailureBlank, Notice } from "../parts/index.ts";
import { clockDuration } from "../time/index.ts";
import { m } from "../words/index.ts";
import css from "./cameras.module.css";
import { QrCode } from "./QrCode.tsx";
import { WithCamera } from "./WithCamera.tsx";

export function PairPage({ id }: { readonly id: string }) {
  return (
    <WithCamera id={id}>
      {(camera) =>
        camera.publishes ? (
          <PairCamera camera={camera} />
        ) : (
          <Blank title={m.pair_dialled({ camera: camera.name })} next={m.pair_dialled_next()} />
        )
      }
    </WithCamera>
  );
}

function PairCamera({ camera }: { readonly camera: Camera }) {
  const [made, setMade] = useState<PairingMade | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    const answer = await pairCamera(camera.id);
    setBusy(false);
    setMade(answer.ok ? answer.value : null);
    setFailure(answer.ok ? null : answer.failure);
  };
  return (
    <div className={css.pair}>
      <h1 className={css.title}>{m.pair_title({ camera: camera.name })}</h1>
      <p className={css.lead}>{m.pair_lead()}</p>
      {location.protocol !== "https:" && (
        <Notice look="plain" icon={null} title={m.pair_insecure()} next={m.publish_insecure_next()} />
      )}
      {failure !== null && <FailureBlank failure={failure} />}
      {made !== null && <Code made={made} />}
      <Button
        primary={made === null}
        size="large"
        busy={busy}
        icon={<QrIcon size={20} aria-hidden="true" />}
        onClick={() => void make()}
      >
        {made === null ? m.pair_make() : m.pair_make_another()}
      </Button>
      <p className={css.note}>{m.pair_note()}</p>
    </div>
  );
}

function Code({ made }: { readonly made: PairingMade }) {
  const left = useLeft(Date.parse(made.expires_at));
  if (left <= 0) return <Blank title={m.pair_over()} next={m.pair_over_next()} />;
  return (
    <div className={css.code}>
      <div className={css.qr}>
        <QrCode text={location.origin + made.path} label={m.pair_qr()} />
      </div>
      <p role="timer">{m.pair_left({ left: clockDuration(left) })}</p>
    </div>
  );
}

/** Milliseconds from now. */
function useLeft(until: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return until - now;
}
