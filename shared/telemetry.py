"""What a process says of itself: one line an event on stderr, JSON unless a person is watching.

Never a password, a token or the text of a message: nothing that people sent is given to a log call.
"""

import logging
import sys
import time
from contextvars import ContextVar
from typing import Any

import msgspec
import structlog

from shared.settings import Settings

# What variables hold may be a password, a token or a message.
WITHOUT_LOCALS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
NEW_KAFKA_SECONDS = 30.0
_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)
_encoder = msgspec.json.Encoder(enc_hook=str)


def begin_request(request_id: str) -> None:
    """From here on, and until the next request of the same connection, lines name this request."""
    _about.set({"request_id": request_id})


def name_command(command_id: str) -> None:
    """From here on, lines of the present request name its command too."""
    about = _about.get()
    if about is not None:
        about["command_id"] = command_id


def _name_request(_: Any, __: str, event: Any) -> Any:
    about = _about.get()
    return {**about, **event} if about else event


def start_telemetry(settings: Settings, service: str) -> None:
    """Sets up structlog, and the standard library's logging of our libraries, for this process."""
    level = getattr(logging, settings.log_level.upper())
    watched = sys.stderr.isatty()

    def name_the_service(_: Any, __: str, event: Any) -> Any:
        return {"service": service, **event}

    shared: list[Any] = [
        name_the_service,
        _name_request,
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
    handler.addFilter(QuietAtFirst(time.monotonic()))
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


NOT_YET_READY = ("GroupCoordinatorNotAvailableError", "Marking the coordinator dead")


class QuietAtFirst(logging.Filter):
    """A new Kafka makes the topic of its group coordinator when it is first asked for it: that is no error yet."""

    def __init__(self, since: float) -> None:
        super().__init__()
        self._since = since

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        is_new = time.monotonic() - self._since < NEW_KAFKA_SECONDS
        return not (is_new and any(words in record.getMessage() for words in NOT_YET_READY))


def _for_libraries(rendering: list[Any]) -> list[Any]:
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering]


def _as_json(_: Any, __: str, event: Any) -> str:
    return _encoder.encode(event).decode()
