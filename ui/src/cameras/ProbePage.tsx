/** A camera that is there already, tried anew; its password need not be entered again. */
import type { Camera } from "../api/index.ts";
import { Blank, Button } from "../parts/index.ts";
import { useSite } from "../session/index.ts";
import { m } from "../words/index.ts";
import css from "./cameras.module.css";
import { ProbeResult } from "./ProbeResult.tsx";
import { useProbe } from "./use-probe.ts";
import { WithCamera } from "./WithCamera.tsx";

export function ProbePage({ id }: { readonly id: string }) {
  return <WithCamera id={id}>{(camera) => <ProbeKnown camera={camera} />}</WithCamera>;
}

function ProbeKnown({ camera }: { readonly camera: Camera }) {
  const zone = useSite()?.timezone;
  const { probing, start } = useProbe();
  if (zone === undefined) return <Blank title={m.add_no_site()} />;
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1 className={css.title}>{m.probe_title({ camera: camera.name })}</h1>
        {camera.address !== null && <p className={css.note}>{camera.address}</p>}
      </div>
      <div className={css.found}>
        <div>
          <Button
            primary={probing.kind !== "done"}
            size="large"
            busy={probing.kind === "running"}
            onClick={() => start({ camera: camera.id })}
          >
            {probing.kind === "done" ? m.probe_again() : m.probe_start()}
          </Button>
        </div>
        <ProbeResult probing={probing} zone={zone} />
      </div>
    </div>
  );
}
