"""What a client may ask: how long a request, how often, how many at once. Refused before the database is asked anything."""

import functools
import pathlib
import threading
import time
import weakref
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponseBase

from tracker import data_dir
from tracker.counters import Counters
from tracker.logs import Counted
from tracker.requests import DESK_SEATS, SEATS, Head, client, network

from .errors import FULL, problem, unavailable

LONGEST_ADDRESS = 16_000  # bytes; a query has a limit of its own
LONGEST_HEADERS = 32_000  # bytes of all
WINDOW = 60  # seconds
WAIT = 2  # seconds: a seat that doesn't come free meanwhile belongs to somebody who waits for the database
# In a request's environment: what counting it gave, and whose seats it takes.
COUNTED, SEATED = "tracker.counted", "tracker.seats"
PROBES = ("/livez", "/readyz")


def length(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: 414 and 431 for what the server below would still take, with the reason."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if len(request.path) + len(request.META.get("QUERY_STRING", "")) > LONGEST_ADDRESS:
            return problem(request, 414)
        if has_long_headers(request.META):
            return problem(request, 431)
        return get_response(request)

    return answer


def has_long_headers(meta: dict[str, str]) -> bool:
    """Whether a request's headers are longer than what is read."""
    return sum([len(name) + len(meta[name]) for name in meta if name.startswith("HTTP_")]) > LONGEST_HEADERS


def is_uncounted(request: HttpRequest) -> bool:
    """Whether a request costs next to nothing: a probe's, or for what a page loads with itself."""
    return request.path in PROBES or request.path.startswith(settings.STATIC_URL)


def rate(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: TRACKER_RATE_LIMIT requests a minute for each client, told by draft-ietf-httpapi-ratelimit-headers-11.

    A client's minute begins with its first request. All processes of a machine count together.
    """
    if not settings.RATE_LIMIT:
        raise MiddlewareNotUsed("TRACKER_RATE_LIMIT is 0")
    counters(data_dir())

    def answer(request: HttpRequest) -> HttpResponseBase:
        if is_uncounted(request):
            return get_response(request)
        left, headers = counted(request)
        response = problem(request, 429, wait=left) if left else get_response(request)
        for name, value in headers.items():
            response[name] = value
        return response

    return answer


@functools.cache
def counters(folder: pathlib.Path) -> Counters:
    """The counts of the requests of each client, in a file of this folder."""
    try:
        return Counters(folder / "requests", settings.SECRET_KEY)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{folder / 'requests'} can't count requests: {error.strerror}. Remove it, or run as its owner."
        ) from error


def counted(request: HttpRequest | Head) -> tuple[int, dict[str, str]]:
    """(For how many seconds its client is to wait, 0 if not at all; the headers that tell it) of a request, counted once."""
    if COUNTED not in request.META:
        request.META[COUNTED] = counters(data_dir()).count(network(client(request)), WINDOW, time.time())
    (many, left), limit = request.META[COUNTED], settings.RATE_LIMIT
    headers = {
        "RateLimit-Policy": f'"minute";q={limit};w={WINDOW}',
        "RateLimit": f'"minute";r={max(limit - many, 0)};t={left}',
    }
    return left if many > limit else 0, headers


class Seats:
    """So many requests at once, so that threads are left for probes, whatever all others wait for.

    A request without a seat waits for one; where none came free for WAIT seconds, this one and all that follow are told
    at once, until one does.
    """

    def __init__(self, many: int):
        self.free, self.moving = threading.BoundedSemaphore(many), threading.Event()
        self.moving.set()

    def take(self) -> bool:
        """Whether there is one, perhaps after a while."""
        found = self.free.acquire(timeout=WAIT if self.moving.is_set() else 0)
        if not found:
            self.moving.clear()
        return found

    def leave(self) -> None:
        """Gives one back."""
        if not self.moving.is_set():
            self.moving.set()
        self.free.release()


def seats(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: SEATS public requests at once."""
    return seated(get_response, Seats(SEATS))


def desk_seats(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: DESK_SEATS requests to the desk at once, which have theirs however many ask for what is public."""
    return seated(get_response, Seats(DESK_SEATS))


def seated(get_response: Callable[[HttpRequest], HttpResponseBase], seats: Seats) -> Callable:
    """As many at once as there are seats. A stream keeps its seat to its end."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if is_uncounted(request):
            return get_response(request)
        request.META[SEATED] = seats
        if not seats.take():
            return unavailable(request, FULL)
        response = get_response(request)
        if not response.streaming:
            seats.leave()
            return response
        parts = Counted(response.streaming_content, lambda _size: left())
        left = weakref.finalize(parts, seats.leave)  # a server that drops a stream may forget to close it
        response.streaming_content = parts
        return response

    return answer
