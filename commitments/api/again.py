"""Questions that were answered before: their texts are read anew, and all else is said as it was said.

What a question means, which records it finds and how many, its validators and all other headers stay as they are while the register
and the day do. So a list or a record that is asked for again, as most are, is asked of the database at once: one statement reads the
texts and whether the register is still what it was. A 304 needs but the latter, and no statement while a lease says it. If it isn't,
or anything is out of the ordinary, the request goes the way of all.
"""

import datetime
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from tracker.compression import packed
from tracker.database.base import DatabaseWrapper
from tracker.logs import current, tell
from tracker.requests import FAILED, Head, identify, number

from . import limits, versions

KEPT = 1000  # questions of one process; each takes some 20 KB, with 200 rows three times that
SEEN = 1000  # of those that came once, whose number is kept: what comes again after more others is new
LONGEST = 1000  # characters of a question that is remembered
DAY, MINUTE = 86_400, 60  # seconds
STATUS = {200: "200 OK", 304: "304 Not Modified"}

ANSWERED = "tracker.answered"  # what a view says of its answer, in the request's environment
# What decides of a question, besides the conditions: where it came and what it wants.
ASKED = (
    *("PATH_INFO", "QUERY_STRING", "HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN"),
    *("wsgi.url_scheme", "SCRIPT_NAME", "SCRIPT_URL", "REDIRECT_URL", "SERVER_NAME", "SERVER_PORT"),
)
# With one of these, a request isn't as nearly all are.
RARE = {"HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_TRANSFER_ENCODING"}
ITS_OWN = {"x-request-id", "ratelimit", "ratelimit-policy", "content-length"}  # headers of one answer alone


@dataclass(frozen=True, slots=True)
class Texts:
    """How an answer's body is read again: a planned statement, whose last column is versions.LAST, and what its rows make.

    `nearer`: a shorter way to the same, which these rows tell.
    """

    sql: str
    values: Sequence
    body: Callable[[Sequence[tuple]], bytes]
    nearer: Callable[[Sequence[tuple]], "Texts"] | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a view says of its answer: the path; its strong ETag; the last public entry and the day that it shows; how to read it again."""

    path: str
    etag: str
    last: bytes
    day: datetime.date
    texts: Texts | None


@dataclass(slots=True)
class Known:
    """The last answer to a question: what its view said of it, and the headers of the whole one and of a 304, where there was one."""

    said: Answered
    seats: limits.Seats
    whole: list[tuple[str, str]] | None = None
    short: list[tuple[str, str]] | None = None
    coding: str | None = None
    day: int = field(init=False)  # since 1970

    def __post_init__(self):
        self.day = (self.said.day - datetime.date(1970, 1, 1)).days


class Again:
    """The WSGI application around another one, `ask`."""

    def __init__(self, ask: Callable):
        self.ask = ask
        self.known: dict[tuple, Known] = {}  # the one kept first is the first
        self.seen: dict[int, None] = {}  # so are these
        self.lease = versions.Lease()
        self.lock = threading.Lock()
        named = [name for name in ("X_FORWARDED_HOST", "X_FORWARDED_PORT") if getattr(settings, f"USE_{name}")]
        scheme = settings.SECURE_PROXY_SSL_HEADER or ()
        self.asked = (*ASKED, *scheme[:1], *(f"HTTP_{name}" for name in named))

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or not environ.keys().isdisjoint(RARE):
            return self.ask(environ, start_response)
        question = tuple(map(environ.get, self.asked))
        known = self.known.get(question)
        if known and (found := self.again(known, environ)):
            status, headers, body = found
            start_response(status, headers)
            return [body]

        def started(status: str, headers: list[tuple[str, str]], *error) -> Callable:
            if ANSWERED in environ and sum(map(len, filter(None, question))) <= LONGEST:
                self.keep(question, environ, status, headers)
            return start_response(status, headers, *error)

        return self.ask(environ, started)

    def again(self, known: Known, environ: dict) -> tuple[str, list[tuple[str, str]], bytes] | None:
        """(Status, headers, body) of the same answer; None where it can't be given."""
        begun, said, named = time.perf_counter(), known.said, environ.get("HTTP_IF_NONE_MATCH")
        if (
            (named and named.removeprefix("W/") != said.etag)
            or (known.short if named else known.whole) is None
            or int(time.time() + MINUTE) // DAY != known.day
            or environ.get("CONTENT_LENGTH") not in (None, "", "0")
            or limits.has_long_headers(environ)
        ):
            return None
        head = Head(environ, said.path)
        wait, counted = limits.counted(head) if settings.RATE_LIMIT else (0, {})
        if wait:
            return None
        current.set(number(head))
        leased = named and self.lease.holds(said.last)
        body = b"" if leased else self.told(known, bool(named), environ, begun)
        if body is None:
            return None
        headers = [("X-Request-ID", identify(head)), *counted.items()]
        if named:
            status, headers = 304, [*headers, ("ETag", named), *known.short]
        else:
            status, headers = 200, [*headers, ("Content-Length", str(len(body))), *known.whole]
        tell(head, status, begun, len(body))
        return STATUS[status], headers, body

    def told(self, known: Known, named: bool, environ: dict, begun: float) -> bytes | None:
        """The body, of a 304 nothing, as the database says; None where the register is another, or can't be asked at once."""
        if not known.seats.free.acquire(blocking=False):
            return None
        database = connections[DEFAULT_DB_ALIAS]
        try:
            if named:
                return b"" if self.lease.ask() == known.said.last else None
            return read(database, known)
        except Exception as error:  # which the way of all tells, or meets, too
            environ[FAILED] = begun, error
            return None
        finally:
            known.seats.leave()
            database.close_if_unusable_or_obsolete()

    def keep(self, question: tuple, environ: dict, status: str, headers: list[tuple[str, str]]) -> None:
        """Remembers the answer to a question that comes for the second time, if nothing else will be said of the same state."""
        said: Answered = environ[ANSWERED]
        names = {name.lower(): value for name, value in headers}
        if "last-modified" not in names or status not in STATUS.values():
            return
        with self.lock:
            if question not in self.known and hash(question) not in self.seen:
                self.seen[hash(question)] = None
                forget(self.seen, SEEN)
                return
            known = self.known.pop(question, None)
            if known is None or known.said.etag != said.etag:
                known = Known(said, environ[limits.SEATED])
            if status == STATUS[304]:
                known.short = [(name, value) for name, value in headers if name.lower() not in ITS_OWN | {"etag"}]
            elif said.texts:
                known.said, known.coding = said, names.get("content-encoding")
                known.whole = [(name, value) for name, value in headers if name.lower() not in ITS_OWN]
            if known.short or known.whole:
                self.known[question] = known
            forget(self.known, KEPT)


def forget(entries: dict, most: int) -> None:
    """Drops the first ones beyond so many."""
    while len(entries) > most:
        del entries[next(iter(entries))]


def read(database: DatabaseWrapper, known: Known) -> bytes | None:
    """The body, if the register is still what it was."""
    said = known.said
    texts = said.texts
    rows = database.planned(texts.sql, texts.values)
    if not rows or rows[0][-1] != said.last:
        return None
    body = texts.body(rows)
    if texts.nearer and known.said is said:
        known.said = replace(said, texts=texts.nearer(rows))
    return b"".join(packed([body], known.coding)) if known.coding else body
