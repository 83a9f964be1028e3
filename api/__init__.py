"""HTTP: sign-in, scopes, the event stream, pictures and the pages themselves."""

from api.app import create_app
from api.server import Server, prepare, server_config
from api.settings import ApiSettings, IceServer
from api.worker_link import WorkerLink

__all__ = [
    "ApiSettings",
    "IceServer",
    "Server",
    "WorkerLink",
    "create_app",
    "prepare",
    "server_config",
]
