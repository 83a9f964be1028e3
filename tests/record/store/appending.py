"""A writer in a process of its own: appends small transactions until it has made its count, or is
killed. Run as `python -m tests.record.store.appending URL WAKE_DIR NAME COUNT`.

Prints `begun` when its store is open, then the number of each transaction it has seen committed.
"""

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from record.events import EventType, NewEvent
from record.places import EVERYTHING
from record.store import Store


def main(url: str, wake_dir: str, name: str, count: int) -> None:
    dice = random.Random(name)
    with Store.open(url, wake_dir=Path(wake_dir)) as store:
        print("begun", flush=True)
        made = 0
        while made < count:
            size = min(dice.randint(1, 5), count - made)
            with store.write(EVERYTHING) as writing:
                for part in range(size):
                    writing.events.append(
                        NewEvent(
                            EventType.NODE_STARTED,
                            datetime.now(UTC),
                            name,
                            data={"number": made + part, "part": part, "of": size},
                            texts={"note": "a text beside it"},
                        )
                    )
            made += size
            print(made, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
