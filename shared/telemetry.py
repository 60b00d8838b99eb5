"""What a process says of itself: one line an event on stderr, JSON unless a person is watching.

Never a password, a token or the text of a message: nothing that people sent is given to a log call.
"""

import logging
import sys
from typing import Any

import msgspec
import structlog

from shared.settings import Settings

# What variables hold may be a password, a token or a message.
WITHOUT_LOCALS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
_encoder = msgspec.json.Encoder(enc_hook=str)


def start_telemetry(settings: Settings, service: str) -> None:
    """Sets up structlog, and the standard library's logging of our libraries, for this process."""
    level = getattr(logging, settings.log_level.upper())
    watched = sys.stderr.isatty()

    def name_the_service(_: Any, __: str, event: Any) -> Any:
        return {"service": service, **event}

    shared: list[Any] = [
        name_the_service,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if watched
        else [structlog.processors.ExceptionRenderer(WITHOUT_LOCALS), _as_json]
    )
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_for_libraries(rendering))
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def _for_libraries(rendering: list[Any]) -> list[Any]:
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering]


def _as_json(_: Any, __: str, event: Any) -> str:
    return _encoder.encode(event).decode()
