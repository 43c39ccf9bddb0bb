"""Structured logs: one line per happening, the call id on every line, personal fields masked."""

import logging
import re
import sys
from typing import Any

import structlog

PERSONAL = frozenset({"caller", "number", "callerid", "phone", "name", "digits", "connected"})


def mask_number(number: str | None) -> str:
    """Return a phone number with its middle hidden: 138****1234, ****567 for short ones, '' for none."""
    if not number:
        return ""
    if len(number) >= 7:
        return (
            f"{number[:3]}****{number[-4:]}" if len(number) > 8 else f"{number[0]}****{number[-2:]}"
        )
    return re.sub(r".(?=..)", "*", number)


def set_up(*, json: bool = False, level: int = logging.INFO) -> None:
    """Configure structlog and the standard library's loggers for the whole process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _mask_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Tracebacks without the values of locals: those are callers' numbers and names.
    last: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for quiet in ("panoramisk", "alembic", "uvicorn.access", "websockets"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def _mask_personal(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    for key in PERSONAL & line.keys():
        line[key] = mask_number(str(line[key]))
    return line
