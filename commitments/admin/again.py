"""What was typed outlives a log-in that ended: it stays on the page, to be sent again after another one."""

from typing import NamedTuple

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commitments.actions import Refused

from . import once


class Sent(NamedTuple):
    """A form as it was sent: its inputs, whether files came with it, whether the desk is open to whoever sent it."""

    inputs: list[tuple[str, str]]
    files: bool
    is_open: bool


def sent(request: HttpRequest) -> Sent:
    """What the desk's own form was sent with, but for passwords; no inputs of a form that was made elsewhere, or for another person."""
    is_open = admin.site.has_permission(request)
    try:
        found = once.carried(request)
    except Refused:
        found = None
    inputs = []
    if found and (not request.user.is_authenticated or found.whose == request.user.pseudonym):
        names = (name for name in request.POST if name != "csrfmiddlewaretoken" and "password" not in name)
        inputs = [(name, value) for name in names for value in request.POST.getlist(name)]
    return Sent(inputs, bool(request.FILES), is_open)


def page(request: HttpRequest) -> HttpResponse:
    """The page that keeps it: nothing was saved, and the way on."""
    return render(request, "403_csrf.html", status=403)
