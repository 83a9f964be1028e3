import { BellRing } from "lucide-react";
import type { Breach } from "../api/index.ts";
import { acknowledgeBreach } from "../breaches/index.ts";
import { useNow, type WallState } from "../live/index.ts";
import { Button, Dialog } from "../parts/index.ts";
import { clock } from "../time/index.ts";
import { aboutWord, kindWord, m, peopleWord } from "../words/index.ts";
import { grouped, recentOpenings, type BreachGroup } from "./queue.ts";
import { choose } from "./store.ts";
import css from "./wall.module.css";
import formCss from "../breaches/breaches.module.css";

/** Too many to read one by one: by camera and rule, with counts. Answering a group asks first. */
export function Flood({
  wall,
  held,
  mayAnswer,
  onOpen,
  onAsk,
}: {
  readonly wall: WallState;
  readonly held: string | null;
  readonly mayAnswer: boolean;
  readonly onOpen: (breach: string) => void;
  readonly onAsk: (group: BreachGroup) => void;
}) {
  const now = useNow();
  const zone = wall.site.timezone;
  const groups = grouped(wall.breaches);
  return (
    <section aria-label={m.flood_title()}>
      <div className={css.atHand}>
        <div className={css.heldHead}>
          <BellRing size={28} className={css.toneOpen} aria-hidden="true" />
          <h2 className={`${css.heldTitle} ${css.toneOpen}`}>{m.flood_title()}</h2>
        </div>
        <div className={css.heldFacts}>
          <p className={css.heldWhen}>
            {m.flood_lead({ count: recentOpenings(wall.openings, now) })}
          </p>
          <p className={css.second}>{m.flood_note()}</p>
        </div>
      </div>
      <ul>
        {groups.map((group) => {
          const isHeld = group.breaches.some((breach) => breach.id === held);
          return (
            <li key={group.key} className={isHeld ? `${css.groupRow} ${css.groupHeld}` : css.groupRow}>
              <GroupRow group={group} zone={zone} current={isHeld} />
              {isHeld && (
                <div className={css.groupActions}>
                  {mayAnswer && (
                    <Button primary size="small" shortcut="A" onClick={() => onAsk(group)}>
                      {m.flood_ack_group({ count: group.breaches.length })}
                    </Button>
                  )}
                  <Button size="small" onClick={() => onOpen(group.first.id)}>
                    {m.flood_view()}
                  </Button>
                </div>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function GroupRow({
  group,
  zone,
  current,
}: {
  readonly group: BreachGroup;
  readonly zone: string;
  readonly current: boolean;
}) {
  const { first, breaches, persons } = group;
  return (
    <button
      type="button"
      className={css.queueRow}
      aria-current={current}
      onClick={() => choose(first.id)}
    >
      <span className={css.queueCount}>{breaches.length}</span>
      <span className={css.queueName}>{kindWord(first.kind)}</span>
      <time className={css.queueTime} dateTime={first.opened_at}>
        {clock(Date.parse(first.opened_at), zone)}
      </time>
      <span className={css.second}>
        {[first.camera_name, persons === 0 ? aboutWord(first) : peopleWord(persons)].filter(Boolean).join(" · ")}
      </span>
      <span className={`${css.queueSide} ${css.second}`}>{m.flood_oldest()}</span>
    </button>
  );
}

/** Nothing is acknowledged by the dozen without being asked. */
export function AskGroup({ group, onClose }: { readonly group: BreachGroup; readonly onClose: () => void }) {
  const count = group.breaches.length;
  const answerAll = (breaches: readonly Breach[]): void => {
    onClose();
    // One after the other: each is a fact of its own, and the browser has six connections.
    void (async () => {
      for (const breach of breaches) await acknowledgeBreach(breach);
    })();
  };
  return (
    <Dialog
      title={m.flood_ask_title({
        count,
        kind: kindWord(group.first.kind),
        camera: group.first.camera_name ?? m.history_whole_site(),
      })}
      onClose={onClose}
    >
      <p>{m.flood_ask_lead()}</p>
      <div className={formCss.formFoot}>
        <Button onClick={onClose} shortcut="Esc">
          {m.act_cancel()}
        </Button>
        <Button primary data-first="" onClick={() => answerAll(group.breaches)}>
          {m.flood_ask_yes({ count })}
        </Button>
      </div>
    </Dialog>
  );
}
