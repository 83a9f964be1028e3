import { useCallback, useEffect, useState } from "react";
import { useLocation } from "wouter";
import type { WallCamera } from "../api/index.ts";
import { acknowledgeBreach, AnswerDialog, type AnswerKind } from "../breaches/index.ts";
import { useKeys } from "../keys/index.ts";
import { failureOfLink, hurryLive, useLive, type WallState } from "../live/index.ts";
import { Blank, Button, FailureBlank, Kbd } from "../parts/index.ts";
import { Enlarged, useStills } from "../pictures/index.ts";
import { may, useMe } from "../session/index.ts";
import { useSettings } from "../settings/index.ts";
import { muteSound } from "../sound/index.ts";
import { m } from "../words/index.ts";
import { keepAwake } from "./awake.ts";
import { AskGroup } from "./Flood.tsx";
import { Grid } from "./Grid.tsx";
import { groupOf, isGrouping, type BreachGroup } from "./queue.ts";
import { Rail } from "./Rail.tsx";
import { SiteLine } from "./SiteLine.tsx";
import { choose, chooseStep, releaseHeld, shownLongEnough, useRail } from "./store.ts";
import css from "./wall.module.css";

/** Tiles on one wall; more are chosen by group. */
const MOST = 32;

export function WallPage() {
  const wall = useLive((live) => live.wall);
  const failure = useLive((live) => failureOfLink(live.link));
  const me = useMe();
  useEffect(keepAwake, []);
  if (me.sites.length === 0) return <Blank title={m.wall_no_site_title()} next={m.wall_no_site_next()} />;
  if (wall !== null) return <Wall wall={wall} mayAnswer={may(me, "answer")} />;
  if (failure !== null) return <FailureBlank failure={failure} onRetry={hurryLive} />;
  return <WallLoading />;
}

function Wall({ wall, mayAnswer }: { readonly wall: WallState; readonly mayAnswer: boolean }) {
  const [, navigate] = useLocation();
  const [enlarged, setEnlarged] = useState<string | null>(null);
  const [answering, setAnswering] = useState<AnswerKind | null>(null);
  const [asked, setAsked] = useState<BreachGroup | null>(null);
  const [drawer, setDrawer] = useState(false);
  const [group, setGroup] = useState(0);
  const heldId = useRail((rail) => rail.held);
  const held = wall.breaches.find((breach) => breach.id === heldId) ?? null;
  const onEnlarge = useCallback((camera: string) => setEnlarged(camera), []);
  const onOpen = (breach: string): void => navigate(`/breaches/${breach}`);
  // In a flood single breaches are not on the screen, so no key answers one.
  const grouping = useRail((rail) => isGrouping(rail.flooded, wall.breaches));
  const answer = (kind: AnswerKind): boolean => {
    if (held === null || !mayAnswer || grouping) return false;
    choose(held.id);
    setAnswering(kind);
    return true;
  };

  useKeys({
    acknowledge: () => {
      if (held === null || !mayAnswer || held.state !== "open" || !shownLongEnough()) return;
      if (grouping) return setAsked(groupOf(held.id, wall.breaches));
      choose(held.id);
      void acknowledgeBreach(held).then((done) => done && releaseHeld());
    },
    resolve: () => answer("resolve"),
    dismiss: () => answer("dismiss"),
    mute: () => muteSound(),
    next: () => chooseStep(1),
    previous: () => chooseStep(-1),
    open: () => {
      if (document.activeElement !== document.body || held === null) return false;
      onOpen(held.id);
      return true;
    },
    back: () => setDrawer(false),
  });

  const cameras = wall.cameras.slice(group * MOST, (group + 1) * MOST);
  const large = wall.cameras.find((camera) => camera.id === enlarged) ?? null;
  const zone = wall.site.timezone;
  const openCount = wall.breaches.filter((breach) => breach.state === "open").length;
  return (
    <div className={css.page}>
      <div className={css.main}>
        <SiteLine wall={wall}>
          <span className={openCount > 0 ? `${css.drawerButton} ${css.drawerOpen}` : css.drawerButton}>
            <Button size="small" aria-expanded={drawer} onClick={() => setDrawer(!drawer)}>
              {m.rail_drawer({ count: wall.breaches.length })}
            </Button>
          </span>
        </SiteLine>
        {wall.cameras.length === 0 ? (
          <Blank title={m.wall_empty_title()} next={m.wall_empty_next()} />
        ) : (
          <Grid
            cameras={cameras}
            breaches={wall.breaches}
            observations={wall.observations}
            zone={zone}
            onEnlarge={onEnlarge}
          />
        )}
        <Foot cameras={cameras}>
          {wall.cameras.length > MOST ? (
            <GroupChoice count={wall.cameras.length} group={group} onChoose={setGroup} />
          ) : (
            <KeyHints />
          )}
        </Foot>
      </div>
      <Rail
        wall={wall}
        mayAnswer={mayAnswer}
        shown={drawer}
        onOpen={onOpen}
        onAnswer={answer}
        onAskGroup={setAsked}
      />
      {asked !== null && <AskGroup group={asked} onClose={() => setAsked(null)} />}
      {large !== null && <Enlarged camera={large} zone={zone} onClose={() => setEnlarged(null)} />}
      {answering !== null && held !== null && (
        <AnswerDialog
          kind={answering}
          breach={held}
          onClose={() => setAnswering(null)}
          onDone={releaseHeld}
        />
      )}
    </div>
  );
}

function Foot({
  cameras,
  children,
}: {
  readonly cameras: readonly WallCamera[];
  readonly children: React.ReactNode;
}) {
  const stills = useStills();
  const live = cameras.filter(
    (camera) => camera.state !== "offline" && camera.state !== "disabled" && stills[camera.id] !== undefined,
  ).length;
  return (
    <div className={css.foot}>
      <span>
        <span>{m.wall_live_count({ live, all: cameras.length })}</span>
        <span>{m.wall_blurred()}</span>
        <span>{m.wall_stills_note()}</span>
      </span>
      {children}
    </div>
  );
}

function KeyHints() {
  const keys = useSettings((settings) => settings.keys);
  if (!keys) return null;
  return (
    <ul aria-label={m.keys_title()}>
      {HINTS.map(([key, words]) => (
        <li key={key}>
          <Kbd>{key}</Kbd>
          {words()}
        </li>
      ))}
    </ul>
  );
}

const HINTS: readonly (readonly [string, () => string])[] = [
  ["A", m.key_acknowledge],
  ["R", m.key_resolve],
  ["D", m.key_dismiss],
  ["M", m.key_mute],
  ["?", m.keys_hint],
];

function GroupChoice({
  count,
  group,
  onChoose,
}: {
  readonly count: number;
  readonly group: number;
  readonly onChoose: (group: number) => void;
}) {
  const groups = Math.ceil(count / MOST);
  return (
    <label className={css.group}>
      {m.wall_too_many({ count })}
      <select value={group} onChange={(event) => onChoose(Number(event.target.value))}>
        {Array.from({ length: groups }, (_, index) => (
          <option key={index} value={index}>
            {m.wall_group_range({ from: index * MOST + 1, to: Math.min(count, (index + 1) * MOST) })}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The layout, held while the snapshot is on its way. */
function WallLoading() {
  return (
    <div className={css.page} aria-busy="true">
      <div className={css.main}>
        <div className={css.siteLine}>
          <span className={css.figure}>{m.wall_loading()}</span>
        </div>
      </div>
      <aside className={css.rail} aria-label={m.rail_title()} />
    </div>
  );
}
