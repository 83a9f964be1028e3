"""Settings of a camera that were changed: whether the worker already acts by them.

A worker follows the log and needs no telling; but whoever drew a privacy mask wants to know from
when on it holds.
"""

from typing import Literal

from pydantic import Field

from record.messages.base import Ask, Reply

IN_FORCE_S = 2.0
"""A worker takes a change up within some hundredths of a second."""


class AskInForce(Ask):
    """API → worker: answer once a camera is shown by this version of its settings, or a later."""

    type: Literal["ask_in_force"] = "ask_in_force"
    camera: str
    version: int
    within_s: float = Field(default=IN_FORCE_S, gt=0, le=10)


class InForce(Reply):
    """Worker → API: every picture drawn from now on is drawn by it. `holds` False: not in time."""

    type: Literal["in_force"] = "in_force"
    camera: str
    holds: bool
