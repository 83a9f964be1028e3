"""Logs: structlog to standard error, for a person or as JSON lines.

Tracebacks are plain in both: one that shows local variables would write passwords, session
tokens and free text into the log, and takes seconds to draw.
"""

import logging
import sys

import structlog
from structlog.typing import Processor

from wardwatch.settings import Settings

OWN = ("api", "detect", "ingest", "record", "relay", "sample_streams", "wardwatch", "__main__")
"""Whose lines are written at the level of the settings. Others' only from warnings on: below that
aioice tells ICE passwords, zeep whole requests with their proof of the password, urllib3 addresses.
"""


def configure(settings: Settings, process: str) -> None:
    """Set up this process's logging; `process` stands in every line."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    if settings.log_format == "json":
        shared.append(structlog.processors.format_exc_info)
        renderer: Processor = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root.setLevel(max(level, logging.WARNING))
    for own in OWN:
        logging.getLogger(own).setLevel(level)
    structlog.contextvars.bind_contextvars(process=process)
