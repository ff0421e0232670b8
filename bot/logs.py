"""Logs: structured, with the trace of an order on every line, and without secrets."""

import logging
import sys
import warnings
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

from services.redaction import Redaction


def set_up_logs(level: str, style: Literal["console", "json"], redaction: Redaction) -> None:
    """Everything that is logged, by us or by libraries, goes through one line of processors to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redacting(redaction),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(style)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # it recommends objects, and the inbox keeps what they are made of
    warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'")
    _quieten(
        (
            "httpx",
            "httpcore",
            "apscheduler",
            "telegram",
            "pymongo",
            "pyrogram",
            "uvicorn.access",
            "uvicorn.error",
        )
    )


def _renderer(style: Literal["console", "json"]) -> Any:  # noqa: ANN401 - structlog's renderers have no common type
    if style == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _redacting(redaction: Redaction) -> Any:  # noqa: ANN401 - a structlog processor
    def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {name: redaction.clean(value) for name, value in event.items()}

    return redact


def _quieten(names: Iterable[str]) -> None:
    """Libraries that tell of every request: their warnings are enough (and addresses may hold a token)."""
    for name in names:
        logging.getLogger(name).setLevel(logging.WARNING)
