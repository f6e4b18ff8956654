"""Headers that every answer carries, whatever made it."""

from collections.abc import Callable

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.locale import LocaleMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils import translation

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


def content_security_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: forbid a page everything that doesn't come from this site, inline scripts and styles included."""

    def add_header(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        policy = POLICY | EXCEPTIONS.get(request.path, {})
        response["Content-Security-Policy"] = "; ".join(f"{what} {source}" for what, source in policy.items())
        return response

    return add_header


def headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: what every answer says of itself. Public ones never see a cookie, and pages of any site may use them."""

    def add_headers(request: HttpRequest) -> HttpResponse:
        if is_public(request):
            request.META.pop("HTTP_COOKIE", None)
        response = get_response(request)
        for name, value in HEADERS.items():
            response[name] = value
        response["Cross-Origin-Resource-Policy"] = "cross-origin" if is_public(request) else "same-origin"
        return response

    return add_headers


class Cors(CorsMiddleware):
    """As its parent; but where any origin may read, every answer says so, and so none depends on the origin."""

    def is_enabled(self, request: HttpRequest) -> bool:
        return is_public(request)

    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        vary = response.get("Vary")
        response = super().add_response_headers(request, response)
        if settings.CORS_ALLOW_ALL_ORIGINS and is_public(request):
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = ", ".join(settings.CORS_EXPOSE_HEADERS)
            del response["Vary"]  # the parent names the origin there
            if vary:
                response["Vary"] = vary
        return response


class SecurityHeaders(SecurityMiddleware):
    """The headers of its parent, on what the limits within refuse, too; it redirects nobody."""

    def process_request(self, request: HttpRequest) -> None:
        return None


class Slashes(CommonMiddleware):
    """As its parent; but only a question is sent on to the address with a slash: what would write is refused where it is."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.method in ("GET", "HEAD") and super().should_redirect_with_slash(request)


class DeskLocale(LocaleMiddleware):
    """The desk speaks its reader's language; public answers hold all languages, and depend on nobody's."""

    def process_request(self, request: HttpRequest) -> None:
        if is_public(request):
            translation.deactivate()  # what this thread's last request chose
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if is_public(request) else super().process_response(request, response)


def public(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable:
    """Middleware: what follows is the desk's alone. A public address is answered at once, without sessions and accounts."""
    handler = BaseHandler()
    handler._view_middleware, handler._template_response_middleware, handler._exception_middleware = [], [], []
    straight = convert_exception_to_response(handler._get_response)
    return lambda request: (straight if is_public(request) else get_response)(request)
