"""A grant opens one view of one camera, for a while, and only ours does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from record.grants import CLEAR_FOR, USE_WITHIN, ClearGrant, GrantKey, GrantRefused
from record.ids import CameraId, UserId

AT = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
KEY = GrantKey(lambda: bytes(range(32)))
GATE = CameraId("gate")
GIVEN = ClearGrant(
    view="view-1",
    camera=GATE,
    user=UserId("lan"),
    name="Trưởng ca Lan",
    zone="Asia/Ho_Chi_Minh",
    given_at=AT,
    ends_at=AT + CLEAR_FOR,
)


def refused(text: str, *, view: str = "view-1", camera: CameraId = GATE, at: datetime = AT) -> str:
    with pytest.raises(GrantRefused) as error:
        KEY.check(text, view=view, camera=camera, at=at)
    return error.value.reason


def test_a_grant_is_read_as_it_was_given() -> None:
    assert KEY.check(KEY.sign(GIVEN), view="view-1", camera=GATE, at=AT) == GIVEN
    assert timedelta(minutes=15) == CLEAR_FOR


def test_it_opens_nothing_else() -> None:
    signed = KEY.sign(GIVEN)
    assert refused(signed, view="view-2") == "other_view"
    assert refused(signed, camera=CameraId("yard")) == "other_camera"
    assert refused(signed, at=AT + USE_WITHIN) == "expired"
    assert refused(signed, at=AT - 2 * USE_WITHIN) == "expired"


def test_another_nodes_grant_is_forged() -> None:
    assert refused(GrantKey(lambda: b"x" * 32).sign(GIVEN)) == "forged"


@given(st.integers(0, 400), st.characters(exclude_categories=["Cs"]))
def test_no_changed_character_goes_through(place: int, other: str) -> None:
    signed = KEY.sign(GIVEN)
    place %= len(signed)
    changed = signed[:place] + other + signed[place + 1 :]
    assume(changed != signed)
    assert refused(changed) == "forged"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_text_is_refused_and_nothing_worse(text: str) -> None:
    assert refused(text) == "forged"
