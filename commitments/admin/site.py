"""The admin site itself: one act around each change, pages in a curator's order, log-in."""

import contextlib
import functools
import itertools
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from commitments.ledger import Door, act

from . import acts, again, charts, display, factor, history, worklists

ORDER = {  # the start page and the sidebar: what curators work on first
    _("Desk"): "Statement Commitment Quote Document Deadline Assessment Relation Party Process Topic",
    _("Shelf and ledger"): "Publication Entry QuoteCheck Release",
    _("Accounts"): "User Group",
}
LATEST = 10  # ledger entries on the start page


class Found(AutocompleteJsonView):
    """Records found by typing, called by name and reference."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict:
        return {"id": str(getattr(obj, to_field_name)), "text": display.label(obj)}


class Desk(admin.AdminSite):
    """Django's admin, in which nothing is written without a reason."""

    site_header = site_title = _("Commitment tracker")
    index_title = _("The desk")

    def __init__(self, name: str = "admin"):
        super().__init__(name)
        self.disable_action("delete_selected")  # drafts are discarded one by one, each with its reason

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        """Runs every view in an act by the one who is logged in; what the database refuses is told on the same page.

        What was typed while a log-in ended stays on a page.
        """

        @functools.wraps(view)
        def acted(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            asked = [request.path, *itertools.chain.from_iterable(map(request.GET.getlist, request.GET))]
            if any("\0" in each for each in asked):  # PostgreSQL can't even be asked
                raise BadRequest("U+0000 CONTROL CHARACTER in the address")
            try:
                with acts.acting(request):
                    return view(request, *args, **kwargs)
            except acts.REFUSALS as error:
                if request.method != "POST":
                    raise
                messages.error(request, acts.refusal(error).message)
                return HttpResponseRedirect(request.get_full_path())

        inner = super().admin_view(acted, cacheable)

        @functools.wraps(inner)
        def kept(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if request.method == "POST" and not self.has_permission(request) and again.sent(request).inputs:
                return again.page(request)
            return inner(request, *args, **kwargs)

        return kept

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether somebody has shown all that they must: before the second factor, nothing of the desk opens."""
        return super().has_permission(request) and factor.passed(request)

    def get_urls(self) -> list:
        half = [  # for who has shown a password alone
            path("second-factor/", self.second_factor, name="second_factor"),
            path("logout/", never_cache(self.logout), name="logout"),
        ]
        return [*half, *super().get_urls()]

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """As Django's, which may renew the hash of a password that an older method made: that is a change, too."""
        if request.method != "POST":
            if super().has_permission(request) and not factor.passed(request):
                return redirect_to_login(factor.wanted(request), reverse("admin:second_factor"))
            return super().login(request, extra_context)
        key = request.session.session_key
        with act(actor="login", reason="Renew the hash of a password at log-in", door=Door.ADMIN):
            answer = super().login(request, extra_context)
        if answer.status_code == 302:
            request.session.clear_expired()
            if request.session.session_key == key:  # whoever logs in once more, too, gets another
                request.session.cycle_key()
        return answer

    @method_decorator(never_cache)
    def second_factor(self, request: HttpRequest) -> HttpResponse:
        if not super().has_permission(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return factor.page(request, self.each_context(request))

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """One's own password: there is one reason for that, so none is asked."""
        told = {"actor": request.user.pseudonym, "reason": "Set their own password", "door": Door.ADMIN}
        with act(**told) if request.method == "POST" else contextlib.nullcontext():
            return super().password_change(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return Found.as_view(admin_site=self)(request)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict]:
        """The models in ORDER, those that this person may see; `app_label` is Django's, for its page of one app."""
        apps = self._build_app_dict(request, app_label).values()
        found = {model["object_name"]: model for app in apps for model in app["models"]}
        groups = []
        for name, models in ORDER.items():
            if shown := [found[model] for model in models.split() if model in found]:
                anchor = shown[0]["object_name"].lower()
                address = f"{reverse('admin:index', current_app=self.name)}#{anchor}"
                group = {"name": name, "app_label": anchor, "app_url": address, "has_module_perms": True}
                groups.append(group | {"models": shown})
        return groups

    def index(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        found = history.visible(request.user).order_by("-seq")[:LATEST]
        shown = {"latest": list(history.lines(found)), "worklists": worklists.lines(request)}
        if shown["worklists"]:
            shown["charts"] = charts.charts(timezone.now().date())
        return super().index(request, shown | (extra_context or {}))

    def get_log_entries(self, request: HttpRequest) -> list:
        """None: the ledger is the one history."""
        return []
