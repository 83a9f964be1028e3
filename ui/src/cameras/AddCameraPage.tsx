/** For the installer, on a ladder with a phone: enter an address, see what is wrong, save. */
import { useState } from "react";
import { Link } from "wouter";
import type { Camera, CameraProbe } from "../api/index.ts";
import { Blank, Button } from "../parts/index.ts";
import { useSite } from "../session/index.ts";
import { m } from "../words/index.ts";
import { withCredentials } from "./address.ts";
import { AddressForm, type Draft } from "./AddressForm.tsx";
import css from "./cameras.module.css";
import { NameForm } from "./NameForm.tsx";
import { ProbeResult } from "./ProbeResult.tsx";
import { useProbe, type Probing } from "./use-probe.ts";

const NOTHING: Draft = { url: "", username: "", password: "", sub: "" };

export function AddCameraPage() {
  const site = useSite();
  const [draft, setDraft] = useState(NOTHING);
  const [added, setAdded] = useState<Camera | null>(null);
  const { probing, start, forget } = useProbe();
  if (site === null) return <Blank title={m.add_no_site()} next={m.wall_no_site_next()} />;
  if (added !== null) {
    return (
      <Blank title={m.add_saved({ name: added.name })} next={m.add_saved_next()}>
        <div className={css.acts}>
          <Link href="/wall" className={css.go}>
            {m.add_to_wall()}
          </Link>
          <Button onClick={() => setAdded(null)}>{m.add_another()}</Button>
        </div>
      </Blank>
    );
  }
  const attempt = (wanted: Draft): void =>
    start({ url: withCredentials(wanted), sub_url: wanted.sub });
  const change = (wanted: Draft): void => {
    setDraft(wanted);
    // What was found is of another address then.
    if (probing.kind !== "idle" && !same(wanted, draft)) forget();
  };
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1 className={css.title}>{m.add_title()}</h1>
        <p className={css.lead}>{m.add_at({ site: site.name })}</p>
        <p className={css.note}>{m.add_lead()}</p>
      </div>
      <div className={css.columns}>
        <AddressForm
          draft={draft}
          faulty={faultyOf(probing)}
          busy={probing.kind === "running"}
          tried={probing.kind === "done"}
          onChange={change}
          onTry={attempt}
        />
        <div className={css.found}>
          <ProbeResult probing={probing} zone={site.timezone}>
            {probing.kind === "done" && (
              <FromDevice
                probe={probing.probe}
                onUse={(more) => {
                  setDraft({ ...draft, ...more });
                  attempt({ ...draft, ...more });
                }}
              />
            )}
          </ProbeResult>
          {probing.kind === "done" && (
            <NameForm
              site={site.id}
              url={withCredentials(draft)}
              sub={draft.sub}
              sure={probing.probe.verdict.grade !== "unusable"}
              onAdded={(camera) => {
                forget();
                setDraft(NOTHING); // its password with it
                setAdded(camera);
              }}
            />
          )}
        </div>
      </div>
    </div>
  );
}

/** Addresses that the camera itself names by ONVIF, where the ones entered are not the best. */
function FromDevice({
  probe,
  onUse,
}: {
  readonly probe: CameraProbe;
  readonly onUse: (more: Partial<Draft>) => void;
}) {
  const { device, main, sub, matters } = probe;
  if (device === null) return null;
  if (main.reason === "not_found" && device.main !== null) {
    const { main: url } = device;
    return <Offer url={url} words={m.probe_use_main()} onUse={() => onUse({ url })} />;
  }
  if (sub === null && device.sub !== null && matters.some((one) => one.word === "no_sub_stream")) {
    const { sub: url } = device;
    return <Offer url={url} words={m.probe_use_sub()} onUse={() => onUse({ sub: url })} />;
  }
  return null;
}

function Offer({ url, words, onUse }: { readonly url: string; readonly words: string; readonly onUse: () => void }) {
  return (
    <div className={css.offer}>
      <span className={css.note}>{m.probe_named_by_device({ url })}</span>
      <Button onClick={onUse}>{words}</Button>
    </div>
  );
}

function faultyOf(probing: Probing): ReadonlySet<string> {
  const refused = probing.kind === "failed" && probing.failure.kind === "invalid";
  if (!refused) return new Set();
  const fields = probing.failure.faults.map((one) => one.field);
  return new Set(fields.includes("sub_url") ? fields : [...fields, "url"]);
}

function same(a: Draft, b: Draft): boolean {
  return withCredentials(a) === withCredentials(b) && a.sub === b.sub;
}
