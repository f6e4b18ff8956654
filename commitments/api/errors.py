"""Every refusal and failure as RFC 9457 problem+json, with the request's id."""

import datetime
import logging
import sys
from collections.abc import Callable
from http import HTTPStatus

import orjson
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_noop
from django.views import defaults
from rest_framework import exceptions

from tracker.requests import identify, is_public

from ..models import Publication
from . import renderers

LOG = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)  # what Django raises when the database can't be reached
SHOWN = 20  # faults of one query
RETRY_AFTER = 5  # seconds: a database starts in about one

TITLES = {414: "URI Too Long"}  # its name varies by Python version
DETAILS = {
    400: "The request isn't well formed.",
    404: "Nothing is published at this address.",
    405: "This address is for reading: use GET or HEAD.",
    410: "This was published and then retracted.",
    412: "What is here now isn't what If-Match or If-Unmodified-Since allows.",
    414: "The address is too long: ask with fewer or shorter values.",
    415: "Send no body, or JSON (application/json).",
    416: "The file has no such range: ask for less, or leave the header Range out.",
    429: "More requests came from your address than it may send in a minute. Wait as long as Retry-After says.",
    431: "The request's headers are too long: send fewer or shorter ones.",
    500: "Something went wrong here, and it isn't the request's fault. Name the request's id when you report it.",
    503: gettext_noop("The database can't be reached just now. Try again in a few seconds."),
}
# Why the database itself gave up, by its code; all else is that it can't be reached.
GIVEN_UP = {
    "57014": gettext_noop("This took longer than a question may. Ask for less at once, or try again later."),
    "55P03": gettext_noop("What this needs is locked by other work just now. Try again in a few seconds."),
}
FULL = gettext_noop("Too many other requests are answered just now. Try again in a few seconds.")


class Faults(exceptions.APIException):
    """400: one or more parameters at fault; `faults` as in the component Fault."""

    status_code = 400

    def __init__(self, faults: list[dict]):
        self.faults = faults[:SHOWN]
        where = "see `errors`" if len(faults) <= SHOWN else f"the first {SHOWN} are in `errors`"
        super().__init__(faults[0]["detail"] if len(faults) == 1 else f"{len(faults)} faults in the query; {where}.")


class TooLong(exceptions.APIException):
    """414."""

    status_code = 414


class NotModified(Exception):
    """304: the client's copy is current."""


class NotMatched(exceptions.APIException):
    """412: what is there isn't what the client wants to read."""

    status_code = 412


class Gone(exceptions.APIException):
    """410: the record's last Publication is a tombstone, retracted at an instant."""

    status_code = 410

    def __init__(self, publication: Publication, at: datetime.datetime):
        self.tombstone = {
            "ref": publication.record,
            "version": publication.version,
            "reason": publication.reason,
            "retracted_at": renderers.instant(at),
        }
        super().__init__()


def problem(request: HttpRequest, status: int, detail: str = "", wait: int = RETRY_AFTER, **members) -> HttpResponse:
    """An answer as the component Problem says; `members` are added to it. `wait`: for how many seconds, if at all."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or DETAILS[status],
        "request_id": identify(request),
    }
    response = HttpResponse(orjson.dumps(body | members), content_type="application/problem+json", status=status)
    response["Cache-Control"] = "no-store"
    if status in (429, 503):
        response["Retry-After"] = str(wait)
    return response


def has_given_up(exc: BaseException) -> bool:
    """Whether the database ended what was asked, at a limit: it would do so again."""
    return getattr(exc.__cause__, "sqlstate", None) in GIVEN_UP


def given_up(exc: BaseException) -> str:
    """Why the database failed, in words for whoever asked."""
    return GIVEN_UP[exc.__cause__.sqlstate] if has_given_up(exc) else DETAILS[503]


def unavailable(request: HttpRequest, detail: str) -> HttpResponse:
    """503, at the desk as a page in its reader's language; that page asks nothing of the database."""
    if is_public(request):
        return problem(request, 503, detail)
    told = {"detail": detail, "sent": request.method == "POST", "path": request.get_full_path()}
    with translation.override(translation.get_language_from_request(request)):  # the desk's own may not be set yet
        page = render_to_string("503.html", told)
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"})


def handle(exc: Exception, context: dict) -> HttpResponse | None:
    """DRF's exception handler; None (a bug, so 500) for what no table names."""
    request = context["request"]
    if isinstance(exc, AWAY):
        LOG.error("The database failed: %s", exc)
        return problem(request, 503, given_up(exc))
    if isinstance(exc, NotModified):
        return HttpResponseNotModified()
    if isinstance(exc, (Http404, exceptions.NotFound)):
        return problem(request, 404)
    if isinstance(exc, Faults):
        return problem(request, 400, str(exc.detail), errors=exc.faults)
    if isinstance(exc, Gone):
        return problem(request, 410, tombstone=exc.tombstone)
    if isinstance(exc, exceptions.NotAcceptable):
        offered = " or ".join(renderer.media_type for renderer in context["view"].get_renderers())
        return problem(
            request, 406, f"This address answers in {offered}: ask for that in the header Accept, or leave it out."
        )
    if isinstance(exc, exceptions.APIException):
        response = problem(request, exc.status_code)
        if exc.status_code == 405:
            response["Allow"] = ", ".join(context["view"].allowed_methods)
        return response
    return None


def bodies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: an error that came without a word, as those of static files do, as a problem."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code < 400 or "Content-Type" in response:
            return response
        told = problem(request, response.status_code)
        for name in ("Allow", "Content-Range"):
            if name in response:
                told[name] = response[name]
        return told

    return answer


def _outside_admin(status: int, in_admin):
    """Django's handler of an error for every path but the desk's, which keeps its pages."""

    def handler(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        if is_public(request):
            return problem(request, status)
        return in_admin(request) if exception is None else in_admin(request, exception)

    return handler


bad_request = _outside_admin(400, defaults.bad_request)
not_found = _outside_admin(404, defaults.page_not_found)
_fault = _outside_admin(500, defaults.server_error)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database is away; 500 for all else that nobody foresaw."""
    error = sys.exc_info()[1]
    if not isinstance(error, AWAY):
        return _fault(request)
    return unavailable(request, given_up(error))
