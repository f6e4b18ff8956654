"""Logs as one JSON object a line, one line a request, which no message, path, argument or traceback can break."""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import orjson
from django.http import HttpRequest, HttpResponseBase

from tracker.requests import FAILED, Head, client, current, given, identify, number

LONGEST = 1000  # characters of a path or query
LONGEST_MESSAGE = 10_000

CONFIG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tracker.logs.JSONLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # the line of the request tells a refusal
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # so does it of this one
        "django.server": {"handlers": [], "propagate": True},
        "axes": {"level": "WARNING"},  # a wrong password, and a lock; the name that was typed may be a password
        "_granian": {"handlers": [], "propagate": True},
    },
}
# No line tells these, nor where in the code it was written, so none looks them up.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = logging.logAsyncioTasks = False
logging._srcfile = None
requests_log = logging.getLogger("tracker.requests")


class JSONLines(logging.Formatter):
    """Format a record as {"time", "level", "logger", "message"}, with "request_id" while a request is answered.

    What the record's `told` holds is added, and "exception" where there is one. ASCII only: a line feed, an Arabic
    letter or a terminal's control character arrives as its JSON escape.
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
            "message": cut(message, LONGEST_MESSAGE),
        }
        if answered := current.get():
            line["request_id"] = answered
        line |= getattr(record, "told", {})
        if record.exc_info:
            line["exception"] = cut(self.formatException(record.exc_info), LONGEST_MESSAGE)
        with suppress(TypeError):  # half a surrogate pair, which JSON's escapes alone can tell
            told = orjson.dumps(line).decode()
            if told.isascii() and told.isprintable():
                return told
        return json.dumps(line, separators=(",", ":"))


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, or its beginning and "…"."""
    return text if len(text) <= longest else text[:longest] + "…"


class Counted:
    """A stream's parts; when it is closed, at its end or before, `tell` is told how many bytes went out."""

    def __init__(self, parts: Iterable[bytes], tell: Callable[[int], None]):
        self.parts, self.tell, self.size = iter(parts), tell, 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        part = next(self.parts)
        self.size += len(part)
        return part

    def close(self) -> None:
        tell, self.tell = self.tell, lambda size: None
        tell(self.size)


def tell(request: HttpRequest | Head, status: int, begun: float, size: int, user: str | None = None) -> None:
    """The line of a request that is over. `begun`: by the clock that measures; `size`: bytes of the answer's body."""
    told = {
        "request_id": number(request),
        "given_id": given(request),
        "method": cut(request.method, 20),
        "path": cut(request.path),
        "query": cut(request.META.get("QUERY_STRING", "")),
        "status": status,
        "ms": round(1000 * (time.perf_counter() - begun), 1),
        "bytes": size,
        "client": client(request),
        "user": user,
    }
    requests_log.info("request", extra={"told": told})


def each_request(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware, the outermost: an id for every request, in its answer and in every line; and a line when it is over."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        begun, _error = request.META.get(FAILED) or (time.perf_counter(), None)
        current.set(number(request))
        response = get_response(request)
        response["X-Request-ID"] = identify(request)

        def over(size: int) -> None:
            # Only what was looked up anyway: a public answer never asks who is logged in.
            user = getattr(getattr(request, "_cached_user", None), "pseudonym", None)
            tell(request, response.status_code, begun, size, user)

        if request.method == "HEAD":
            over(0)
        elif response.streaming and not response.has_header("Content-Length"):
            response.streaming_content = Counted(response.streaming_content, over)
        else:
            over(int(response["Content-Length"]) if response.streaming else len(response.content))
        return response

    return answer
