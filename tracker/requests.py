"""Who asks: a request's id and its client's address, which no header can forge."""

import contextvars
import functools
import ipaddress
import re
import uuid

from django.conf import settings
from django.http import HttpRequest

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,100}")
# An address as proxies write it: in brackets, as IPv4, either perhaps with a port; or bare.
ADDRESS = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+)(?::\d+)?|([0-9A-Fa-f:.]+)")
DESK = re.compile("/admin/.*|/i18n/setlang/", re.DOTALL)

PASSED_ON = {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA"}  # what proxies add

FAILED = "tracker.failed"  # in a request's environment: when a shorter way was begun, and the error that it met

# Requests that are answered at once; a server has threads beyond these.
SEATS = 8  # public ones
DESK_SEATS = 4  # the desk's
# Each thread answers one request at a time, and the next one's id takes the place of the last one's.
current: contextvars.ContextVar[str] = contextvars.ContextVar("current", default="")


class Head:
    """As much of a request as tells who asks for what: of a GET whose path is known."""

    __slots__ = ("META", "path", "tracker_id")
    method = "GET"

    def __init__(self, environ: dict, path: str):
        self.META, self.path = environ, path


def is_public(request: HttpRequest) -> bool:
    """Whether an address is not the desk's: its answers are the same for everybody."""
    return not DESK.fullmatch(request.path)


def number(request: HttpRequest | Head) -> str:
    """Our own id of the request, which no other has."""
    if not hasattr(request, "tracker_id"):
        request.tracker_id = str(uuid.uuid4())
    return request.tracker_id


def given(request: HttpRequest | Head) -> str | None:
    """The client's X-Request-ID where that is 8 to 100 plain characters: its own word, which others may send, too."""
    found = request.META.get("HTTP_X_REQUEST_ID", "")
    return found if SANE_ID.fullmatch(found) else None


def identify(request: HttpRequest | Head) -> str:
    """The request's id as its answer tells it: the one that the client gave, else our own."""
    return given(request) or number(request)


def client(request: HttpRequest | Head) -> str:
    """The client's address, "" where nobody knows it.

    That is who opened the connection or, behind TRACKER_PROXIES proxies, whom the outermost of them saw: the entry of
    X-Forwarded-For that it appended. What stands before that is the client's own word and never read.
    """
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    seen = passed[-settings.PROXIES] if 0 < settings.PROXIES <= len(passed) else ""
    return str(_address(seen) or _address(request.META.get("REMOTE_ADDR", "")) or "")


def network(address: str) -> str:
    """What one client has: an IPv4 address, or the /64 of an IPv6 address, all of which is one subscriber's."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def subscriber(request: HttpRequest) -> str | None:
    """The client's address; of an IPv6 network the first one, so that nobody has another for each try. None: unknown."""
    return network(client(request)).partition("/")[0] or None


def is_local(request: HttpRequest) -> bool:
    """Whether the client is on this very machine, and no proxy stands between that says so of itself, known to us or not."""
    address = _address(client(request))
    return address is not None and address.is_loopback and not PASSED_ON & request.META.keys()


@functools.lru_cache(1000)
def _address(told: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    found = ADDRESS.fullmatch(told.strip())
    try:
        address = ipaddress.ip_address(next(filter(None, found.groups()))) if found else None
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
