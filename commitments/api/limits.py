"""What a client may ask: how long a request, how often, how many at once. Refused before the database is asked anything."""

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
from tracker.requests import DESK_SEATS, SEATS, client, network

from .errors import FULL, problem, unavailable

LONGEST_ADDRESS = 16_000  # bytes; a query has a limit of its own
LONGEST_HEADERS = 32_000  # bytes of all
WINDOW = 60  # seconds
WAIT = 2  # seconds: a seat that doesn't come free meanwhile belongs to somebody who waits for the database
PROBES = ("/livez", "/readyz")


def length(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: 414 and 431 for what the server below would still take, with the reason."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if len(request.path) + len(request.META.get("QUERY_STRING", "")) > LONGEST_ADDRESS:
            return problem(request, 414)
        sent = (len(name) + len(value) for name, value in request.META.items() if name.startswith("HTTP_"))
        if sum(sent) > LONGEST_HEADERS:
            return problem(request, 431)
        return get_response(request)

    return answer


def is_uncounted(request: HttpRequest) -> bool:
    """Whether a request costs next to nothing: a probe's, or for what a page loads with itself."""
    return request.path in PROBES or request.path.startswith(settings.STATIC_URL)


def rate(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: TRACKER_RATE_LIMIT requests a minute for each client, told by draft-ietf-httpapi-ratelimit-headers-11.

    A client's minute begins with its first request. All processes of a machine count together.
    """
    limit = settings.RATE_LIMIT
    if not limit:
        raise MiddlewareNotUsed("TRACKER_RATE_LIMIT is 0")
    try:
        counters = Counters(data_dir() / "requests", settings.SECRET_KEY)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{data_dir() / 'requests'} can't count requests: {error.strerror}. Remove it, or run as its owner."
        ) from error

    def answer(request: HttpRequest) -> HttpResponseBase:
        if is_uncounted(request):
            return get_response(request)
        many, left = counters.count(network(client(request)), WINDOW, time.time())
        response = get_response(request) if many <= limit else problem(request, 429, wait=left)
        response["RateLimit-Policy"] = f'"minute";q={limit};w={WINDOW}'
        response["RateLimit"] = f'"minute";r={max(limit - many, 0)};t={left}'
        return response

    return answer


def seats(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: SEATS public requests at once."""
    return seated(get_response, SEATS)


def desk_seats(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: DESK_SEATS requests to the desk at once, which have theirs however many ask for what is public."""
    return seated(get_response, DESK_SEATS)


def seated(get_response: Callable[[HttpRequest], HttpResponseBase], many: int) -> Callable:
    """So many requests at once, so that threads are left for probes, whatever all others wait for.

    A request without a seat waits for one; where none came free for WAIT seconds, this one and all that follow are told
    at once, until one does. A stream keeps its seat to its end.
    """
    free, moving = threading.BoundedSemaphore(many), threading.Event()
    moving.set()

    def leave() -> None:
        moving.set()
        free.release()

    def answer(request: HttpRequest) -> HttpResponseBase:
        if is_uncounted(request):
            return get_response(request)
        if not free.acquire(timeout=WAIT if moving.is_set() else 0):
            moving.clear()
            return unavailable(request, FULL)
        response = get_response(request)
        if not response.streaming:
            leave()
            return response
        parts = Counted(response.streaming_content, lambda _size: left())
        left = weakref.finalize(parts, leave)  # a server that drops a stream may forget to close it
        response.streaming_content = parts
        return response

    return answer
