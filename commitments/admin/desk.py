"""What the pages of the desk's records share: states and moves, what no longer changes, discarding, parts."""

from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import NestedObjects, flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied
from django.db import models as orm
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments import models, transitions

from . import acts, display, forms, history, meanwhile, moves, once
from .base import Door, Page
from .review import Reviewed
from .roles import may
from .worklists import WorklistFilter

CSRF = "csrfmiddlewaretoken"


def typed(page: Door) -> set[str]:
    """All lines of a page or part but those that are only ever shown."""
    return {name for name in flatten_fieldsets(page._lines()) if not name.endswith("_shown")}


class RecordPage(Reviewed, Page):
    """A page of what is approved as one thing (or, for quotes, with what cites it)."""

    actions = [moves.list_action(move) for move in moves.MOVES.values()]
    parts: tuple[str, ...] = ()  # what goes with a draft that is discarded
    ordering = ("ref",)

    def get_list_filter(self, request: HttpRequest) -> tuple:
        return (WorklistFilter, *super().get_list_filter(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may_discard = may(request.user, "discard")
        return may_discard and (obj is None or (self.is_draft(obj) and not moves.was_public(obj)))

    def is_draft(self, record: Any) -> bool:
        """Tell whether a record can be discarded from the state that it is in."""
        return record.state in transitions.starts("discard")

    def frozen(self, record: Any) -> bool:
        """Tell whether a record no longer changes: it was retracted, or was public and is append-only."""
        append_only = type(record) in models.MUTABILITY["append-only once public"]
        return record.state == models.State.RETRACTED or (append_only and moves.was_public(record))

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        every = typed(self)
        if obj and not self.has_change_permission(request, obj):
            return every
        if obj and self.frozen(obj) and not hasattr(request, "meanwhile"):  # what was typed stays typed
            return every - {"note"}
        return super().locked(request, obj)

    def get_actions(self, request: HttpRequest) -> dict:
        return {name: action for name, action in super().get_actions(request).items() if may(request.user, name)}

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        announced = once.announce(request) if request.method == "GET" and self.get_actions(request) else ""
        return super().changelist_view(request, {"announced": announced} | (extra_context or {}))

    def response_action(self, request: HttpRequest, queryset: orm.QuerySet) -> HttpResponse | None:
        """Does once what was asked for, and nothing where others changed one of the rows since the list was shown."""
        if not acts.given_reason(request):
            self.message_user(request, acts.NO_REASON, messages.ERROR)
            return None
        try:
            with transaction.atomic(), once.once(request) as first:
                response = super().response_action(request, queryset) if first else None
        except meanwhile.Meanwhile as found:
            return self._meanwhile(request, found)
        if first:
            acts.remember(request)
        else:
            messages.warning(request, once.AGAIN)
        return response

    def _meanwhile(self, request: HttpRequest, found: meanwhile.Meanwhile) -> HttpResponse:
        """What others changed of rows that were ticked, and the same form again, to be sent or left."""
        again = request.POST.copy()
        again["announced"] = once.announce(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Changed meanwhile"),
            "opts": self.opts,
            "told": str(found),
            "meanwhile": meanwhile.fields(found, {}),
            "by_whom": list(history.lines(found.entries)),
            "again": [(name, value) for name in again for value in again.getlist(name) if name != CSRF],
        }
        return TemplateResponse(request, "admin/meanwhile.html", context)

    def render_change_form(self, request: HttpRequest, context: dict, obj: Any = None, **kwargs) -> HttpResponse:
        offered = self.offered_moves(request, obj)
        context["moves"] = [move for move in offered if not move.reviewed]
        context["reviewed"] = any(move.reviewed for move in offered)
        if obj:
            context |= {"review_address": self.review_address([obj]), "again": moves.was_public(obj)}
            context["sent_back"] = moves.sent_back(obj)
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def offered_moves(self, request: HttpRequest, obj: Any) -> list[moves.Move]:
        """The moves that the page offers; a new record can be submitted as it is saved."""
        return moves.offered(request, obj) if obj else [moves.MOVES["submit"]]

    def finish(self, request: HttpRequest, form: Any) -> None:
        if move := moves.asked(request):
            moves.make(request, move, [form.instance])

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return self._moved(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._moved(request, obj) or super().response_change(request, obj)

    def _moved(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        if not (move := moves.asked(request)):
            return None
        moves.tell(request, move, [obj])
        return HttpResponseRedirect(display.address(obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """What goes with a draft: its own parts, no more. Whatever else names it keeps it."""
        parts = self._parts(objs)
        collector = NestedObjects(using="default")
        for _model, some in groupby([*objs, *parts], key=type):
            collector.collect(list(some))
        keeping = [display.link(record) for record in sorted(collector.protected, key=str) if record not in parts]
        return [display.label(record) for record in [*objs, *parts]], {}, set(), keeping

    def _parts(self, objs: Any) -> list:
        return [part for record in objs for name in self.parts for part in getattr(record, name).all()]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """As Django's, but it discards only what was shown."""
        if request.method != "POST":
            extra = {"announced": once.announce(request)} | (extra_context or {})
            return super().delete_view(request, object_id, extra)
        if not self.has_delete_permission(request, self.get_object(request, unquote(object_id))):
            raise PermissionDenied
        with once.once(request) as first:
            if first:
                return super().delete_view(request, object_id, extra_context)
        messages.warning(request, once.AGAIN)
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj, self._parts([obj]))


class Part(Door, admin.StackedInline):
    """The parts of a record, beside it on its page."""

    formset = forms.PartFormSet
    exclude = ("ref",)  # given by itself; so a row is sent back with it as a hidden input
    extra = 0
    asked_at_first = 0  # empty rows on the page of a new record

    def shows_record(self, field: orm.Field) -> bool:
        """None but those that its rows name: the one that they are parts of is at hand."""
        return super().shows_record(field) and field.name in typed(self)

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs) -> int:
        return self.extra if obj else self.asked_at_first

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        frozen = obj and self._page.frozen(obj) and not hasattr(request, "meanwhile")
        return may(request.user, "change") and not frozen

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    @property
    def _page(self) -> RecordPage:
        return self.admin_site.get_model_admin(self.parent_model)

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        every = typed(self)
        return super().locked(request, obj) if self.has_change_permission(request, obj) else every
