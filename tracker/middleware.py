"""Headers that every answer carries, whatever made it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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


def content_security_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: forbid a page everything that doesn't come from this site, inline scripts and styles included."""

    def add_header(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        policy = POLICY | EXCEPTIONS.get(request.path, {})
        response["Content-Security-Policy"] = "; ".join(f"{what} {source}" for what, source in policy.items())
        return response

    return add_header
