"""Every reason has its words: in the table, and on the pages in both languages."""

import json
from pathlib import Path

import pytest

from record.cameras import CameraReason
from record.reasons import REMEDIES

MESSAGES = Path(__file__).parents[2] / "ui" / "messages"


def test_every_reason_says_what_it_is_and_what_to_do() -> None:
    assert set(REMEDIES) == set(CameraReason)
    for reason, remedy in REMEDIES.items():
        assert remedy.mend.endswith("."), reason
        # `says` and `cause` go into sentences.
        assert remedy.says[0].islower(), reason
        assert not remedy.says.endswith("."), reason
        assert not remedy.cause.endswith("."), reason
    assert len({remedy.says for remedy in REMEDIES.values()}) == len(REMEDIES)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_have_a_word_and_a_mend_for_each(language: str) -> None:
    words = json.loads((MESSAGES / f"{language}.json").read_text(encoding="utf-8"))
    missing = [
        key
        for reason in CameraReason
        for key in (f"reason_{reason.value}", f"mend_{reason.value}")
        if not words.get(key)
    ]
    assert missing == []
