"""Logs as JSON lines on standard output: time, level, event, and the event's own fields."""

import json
import logging
import sys
import time
from typing import Any

_log = logging.getLogger("ssp_policy")


def start_logs() -> None:
    """Write the logs of everything in this process as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    _log.setLevel(logging.INFO)


def log_event(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log one event with its fields (JSON values)."""
    _log.log(level, event, extra={"fields": fields})


def log_failure(event: str, error: BaseException, /, **fields: object) -> None:
    """Log a failure with its traceback."""
    _log.error(event, exc_info=error, extra={"fields": fields})


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {
            "time": f"{stamp}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if record.name != _log.name:
            line["logger"] = record.name
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
