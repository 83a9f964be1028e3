import { useQuery } from "@tanstack/react-query";
import { QrCode, Stethoscope, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { fetchCamera, type Camera, type WallCamera } from "../api/index.ts";
import { may, useMe } from "../session/index.ts";
import { stamp } from "../time/index.ts";
import { cameraMendWord, cameraReasonWord, cameraStateWord, m } from "../words/index.ts";
import css from "./pictures.module.css";
import { UnwatchedTime } from "./UnwatchedTime.tsx";

const FIGURES_MS = 3000;

/** Beside an enlarged picture: for everybody what is the matter, what to do about it and when it was
 * not watched, and for who installs what the camera delivers. */
export function CameraFacts({ camera, zone }: { readonly camera: WallCamera; readonly zone: string }) {
  const installs = may(useMe(), "install");
  return (
    <section className={css.facts} aria-label={m.camera_facts()}>
      {camera.reason !== null && <Matter camera={camera} reason={camera.reason} zone={zone} />}
      <UnwatchedTime id={camera.id} zone={zone} />
      {installs && <Figures id={camera.id} />}
    </section>
  );
}

function Matter({
  camera,
  reason,
  zone,
}: {
  readonly camera: WallCamera;
  readonly reason: string;
  readonly zone: string;
}) {
  const mend = cameraMendWord(reason);
  return (
    <p className={css.matter}>
      <TriangleAlert size={20} aria-hidden="true" />
      <strong>{cameraReasonWord(reason)}</strong>
      {camera.since !== null && <span>{m.camera_since({ time: stamp(Date.parse(camera.since), zone) })}</span>}
      {mend !== "" && <span className={css.mend}>{mend}</span>}
    </p>
  );
}

function Figures({ id }: { readonly id: string }) {
  const { data } = useQuery({
    queryKey: ["camera-figures", id],
    queryFn: ({ signal }) => fetchCamera(id, signal),
    refetchInterval: FIGURES_MS,
  });
  if (data === undefined || !data.ok) return null;
  const { health, state, publishes } = data.value;
  return (
    <div className={css.figures}>
      <dl>
        <Figure name={m.camera_state()}>{cameraStateWord(state)}</Figure>
        <Figure name={m.camera_decoded()}>{perSecond(health?.decoded_per_s)}</Figure>
        <Figure name={m.camera_looked()}>{perSecond(health?.looked_per_s)}</Figure>
        <Figure name={m.camera_line()}>{bitRate(health)}</Figure>
        <Figure name={m.camera_reconnects()}>
          {health === null ? m.unknown() : m.camera_times({ times: health.reconnects })}
        </Figure>
      </dl>
      {publishes ? (
        <Link href={`/cameras/${encodeURIComponent(id)}/pair`} className={css.pairLink}>
          <QrCode size={16} aria-hidden="true" />
          {m.camera_pair()}
        </Link>
      ) : (
        <Link href={`/cameras/${encodeURIComponent(id)}/probe`} className={css.pairLink}>
          <Stethoscope size={16} aria-hidden="true" />
          {m.camera_probe()}
        </Link>
      )}
    </div>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function perSecond(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? m.unknown() : m.camera_per_s({ rate: Math.round(rate * 10) / 10 });
}

function bitRate(health: Camera["health"]): string {
  const rate = health?.kbit_per_s ?? null;
  return rate === null ? m.unknown() : m.camera_kbit({ rate: Math.round(rate) });
}
