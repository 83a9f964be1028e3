"""What was not watched, as JSON."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import Answer, Moment
from record.watching import CameraWatching, Unwatched


class UnwatchedInterval(Answer):
    since: Moment = Field(serialization_alias="from")
    until: Moment | None = Field(serialization_alias="to", description="null: it goes on")
    reason: str = Field(
        description="A camera's `reason`, `connecting` before it was there first, or `disabled`",
        examples=["stalled"],
    )

    @classmethod
    def of(cls, interval: Unwatched) -> "UnwatchedInterval":
        return cls(since=interval.began_at, until=interval.ended_at, reason=interval.reason)


class CameraUnwatched(Answer):
    """Of one camera, within the time that was asked for, that it existed, and until now."""

    camera: str
    name: str
    share_watched: float | None = Field(description="0 to 1; null: it did not exist then")
    intervals: list[UnwatchedInterval]

    @classmethod
    def of(cls, watching: CameraWatching) -> "CameraUnwatched":
        share = watching.share
        return cls(
            camera=watching.camera,
            name=watching.name,
            share_watched=None if share is None else round(share, 6),
            intervals=[UnwatchedInterval.of(one) for one in watching.intervals],
        )


class SiteUnwatched(Answer):
    """Of every camera that a site had in that time."""

    site: str
    since: Moment = Field(serialization_alias="from")
    until: Moment = Field(serialization_alias="to")
    share_watched: float | None = Field(
        description="Mean over its cameras, 0 to 1; null: it had none"
    )
    cameras: list[CameraUnwatched]

    @classmethod
    def of(
        cls, site: str, since: datetime, until: datetime, found: tuple[CameraWatching, ...]
    ) -> "SiteUnwatched":
        shares = [one.share for one in found if one.share is not None]
        return cls(
            site=site,
            since=since,
            until=until,
            share_watched=round(sum(shares) / len(shares), 6) if shares else None,
            cameras=[CameraUnwatched.of(one) for one in found],
        )
