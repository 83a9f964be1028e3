"""What is known of a camera at this moment: its worker's word while that is fresh, else the log's.

A worker that is silent makes its cameras *offline*, whatever the log said last: nobody is watching.
Both come by ways of their own, and either may be ahead of the other. A worker says up to which
event it knows the log, so it can be told: what stands behind that event is newer than its word.
"""

from api import schemas
from api.worker_link import WorkerLink
from record.cameras import Camera, CameraReason, CameraState, CameraStatus
from record.messages import CameraHealth

_WATCHED = frozenset({CameraState.ONLINE, CameraState.DEGRADED})


def camera_now(
    camera: Camera, status: CameraStatus | None, workers: WorkerLink
) -> schemas.CameraNow:
    heard = workers.health(camera.id)
    state = status.state if status is not None else CameraState.CONNECTING
    reason = status.reason if status is not None else None
    since = status.since if status is not None else None
    if not camera.enabled:
        state, reason = CameraState.DISABLED, None
    elif heard is not None and not _outdated(heard, status):
        if heard.state is not state:
            # Not recorded yet, or not to be: of a camera that is often away for a moment.
            since = heard.since or since
        state, reason = heard.state, heard.reason
    elif heard is None and state in _WATCHED:
        state, reason = CameraState.OFFLINE, CameraReason.WORKER_LOST
    return schemas.CameraNow(
        state=state,
        reason=reason,
        since=since,
        frame_at=heard.frame_at if heard is not None else None,
        width=(heard.width if heard else None) or (status.width if status else None),
        height=(heard.height if heard else None) or (status.height if status else None),
    )


def _outdated(heard: CameraHealth, status: CameraStatus | None) -> bool:
    """Whether the log has had a newer word since that was said."""
    if status is None or status.position is None or heard.recorded is None:
        return False
    return status.position > heard.recorded
