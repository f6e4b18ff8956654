"""Gives every request an id, which its answer repeats."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from .errors import request_id


def number(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: the header X-Request-ID in every answer."""

    def add_header(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["X-Request-ID"] = request_id(request)
        return response

    return add_header
