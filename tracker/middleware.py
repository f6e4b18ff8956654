"""Which way a request goes to its view, and the headers that every answer carries, whatever made it."""

import functools
from collections.abc import Callable, Iterable
from contextlib import suppress

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.middleware.security import SecurityMiddleware
from django.urls import ResolverMatch, get_resolver
from django.utils import translation
from django.utils.module_loading import import_string

from tracker.requests import is_public

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
# The API page's own script sets styles inline; its scripts stay bound to ours.
EXCEPTIONS = {"/api/docs/": {"style-src": "'self' 'unsafe-inline'"}}

HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "tracker",  # in place of the server's own: no name and no version of what is behind it
}


def public(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: a public address goes by settings.PUBLIC; what follows is the desk's alone, sessions and accounts too."""
    way = through(settings.PUBLIC)
    return lambda request: (way if is_public(request) else get_response)(request)


LONGEST = 300  # characters of a path whose view is remembered


@functools.lru_cache(1000)
def resolved(path: str) -> ResolverMatch:
    """The view at a path; Resolver404 if there is none."""
    return get_resolver().resolve(path)


class Views(BaseHandler):
    """The views alone, each found once."""

    _view_middleware = _template_response_middleware = _exception_middleware = ()

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        path = request.path_info
        request.resolver_match = resolved(path) if len(path) <= LONGEST else get_resolver().resolve(path)
        return request.resolver_match


def through(names: Iterable[str]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The way to the views through these middlewares, the outermost first."""
    way = convert_exception_to_response(Views()._get_response)
    for name in reversed(names):
        with suppress(MiddlewareNotUsed):
            way = convert_exception_to_response(import_string(name)(way))
    return way


def desk_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: what every page of the desk says of itself, beside what the framework's own add."""

    def answer(request: HttpRequest) -> HttpResponse:
        return said(get_response(request), HEADERS | {"Cross-Origin-Resource-Policy": "same-origin"}, POLICY)

    return answer


def public_headers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: what every public answer says of itself. None ever sees a cookie, and pages of any site may use it."""
    always = {secure: _always(secure) for secure in (False, True)}
    policies = {path: policy(POLICY | other) for path, other in EXCEPTIONS.items()}

    def answer(request: HttpRequest) -> HttpResponseBase:
        request.META.pop("HTTP_COOKIE", None)
        translation.deactivate()  # what this thread's last request chose
        response = get_response(request)
        response.headers._store.update(always[request.is_secure()])  # ready pairs: one by one, each is read anew
        if request.path in policies:
            response["Content-Security-Policy"] = policies[request.path]
        return response

    return answer


def _always(secure: bool) -> dict[str, tuple[str, str]]:
    """The headers that no answer changes: Django's own, ours, and who may read what anybody may."""
    request = HttpRequest()
    request._get_scheme = lambda: "https" if secure else "http"
    response = HttpResponse()
    for middleware in (SecurityMiddleware, XFrameOptionsMiddleware):
        middleware(lambda request: response).process_response(request, response)
    said(response, HEADERS | {"Cross-Origin-Resource-Policy": "cross-origin"}, POLICY)
    if settings.CORS_ALLOW_ALL_ORIGINS:
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = ", ".join(settings.CORS_EXPOSE_HEADERS)
    del response["Content-Type"]
    return response.headers._store


def said(response: HttpResponse, headers: dict[str, str], sources: dict[str, str]) -> HttpResponse:
    """The same answer with these headers, and a policy that forbids a page all but these sources."""
    for name, value in headers.items():
        response[name] = value
    response["Content-Security-Policy"] = policy(sources)
    return response


def policy(sources: dict[str, str]) -> str:
    """A Content-Security-Policy: what doesn't come from this site, inline scripts and styles included, isn't used."""
    return "; ".join(f"{what} {source}" for what, source in sources.items())


class Cors(CorsMiddleware):
    """As its parent; but where any origin may read, every answer says so (`public_headers`), and none depends on it."""

    def is_enabled(self, request: HttpRequest) -> bool:
        return True

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "OPTIONS" and settings.CORS_ALLOW_ALL_ORIGINS:
            return self.get_response(request)
        return super().__call__(request)

    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        vary = response.get("Vary")
        response = super().add_response_headers(request, response)
        if settings.CORS_ALLOW_ALL_ORIGINS:
            del response["Vary"]  # the parent names the origin there
            if vary:
                response["Vary"] = vary
        return response


class SecurityHeaders(SecurityMiddleware):
    """The headers of its parent, on what the limits within refuse, too; it redirects nobody."""

    def process_request(self, request: HttpRequest) -> None:
        return None


class Redirects(SecurityMiddleware):
    """As its parent, which sends plain requests on to TLS where the settings say so; without its headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        super().__init__(get_response)
        if not self.redirect:
            raise MiddlewareNotUsed

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response


class Slashes(CommonMiddleware):
    """As its parent; but only a question is sent on to the address with a slash: what would write is refused where it is.

    A 304 has no length of its own.
    """

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.method in ("GET", "HEAD") and super().should_redirect_with_slash(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.status_code == 304 else super().process_response(request, response)
