"""Logs as one JSON object a line, which no message, argument or traceback can break."""

import json
import logging
from datetime import UTC, datetime


class JSONLines(logging.Formatter):
    """Format a record as {"time", "level", "logger", "message"}, with "exception" where there is one.

    ASCII only: a line feed, an Arabic letter or a terminal's control character arrives as its JSON escape.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        try:
            message = record.getMessage()
        except Exception:  # arguments that don't fit their message must not cost the line
            message = f"{record.msg} {record.args!r}"
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)
