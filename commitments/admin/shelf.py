"""What the admin shows and nobody types: the shelf, the ledger, the checks of quotes."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models as orm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from commitments import actions, checkpoints, findings, models, releases
from commitments.ledger import Door, Entry

from . import acts, history, names
from .base import Page
from .roles import may


class Unwritten(Page):
    """A list and its pages for reading; nothing here can be added, changed or removed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        return {field.name for field in self.opts.concrete_fields}

    def _lines(self) -> list:
        return self.fieldsets or [(None, {"fields": [field.name for field in self.opts.concrete_fields]})]


FILTERED = ("documents", "parties", "topics", ("first_day", "last_day"))


@admin.register(models.Publication)
class PublicationPage(Unwritten):
    fieldsets = [
        (None, {"fields": [("kind", "record", "version"), ("publication_class", "tombstone", "emergency"), "reason"]}),
        (_("Current"), {"fields": [("from_seq", "until_seq")]}),
        (_("As rendered at approval"), {"fields": ["body", "detail"]}),
        (_("What filters read"), {"fields": ["code", ("commitment", "statement", "process"), *FILTERED]}),
    ]
    list_display = (
        "record",
        "kind_brief",
        "version",
        "publication_class_brief",
        "tombstone_brief",
        "from_seq",
        "until_seq",
    )
    list_filter = ("tombstone", "emergency", "publication_class")
    search_fields = ("record__startswith", "ref__startswith")
    search_help_text = _("The beginning of a record's reference.")
    ordering = ("kind", "record", "version")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> orm.QuerySet:
        found = super().get_queryset(request)
        return found.defer("body", "detail") if request.resolver_match.url_name.endswith("_changelist") else found


class OfTable(admin.SimpleListFilter):
    """Entries of one table; the list is the models', so that none is read for it."""

    title, parameter_name = _("record"), "table"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        kinds = [models.Publication, *models.MUTABILITY["mutable"], *models.MUTABILITY["append-only once public"]]
        shown = [kind for kind in kinds if may(request.user, "people") or kind._meta.db_table not in history.PEOPLE]
        return sorted(((kind._meta.db_table, kind._meta.verbose_name) for kind in shown), key=lambda pair: str(pair[1]))

    def queryset(self, request: HttpRequest, queryset: orm.QuerySet) -> orm.QuerySet:
        return queryset.filter(table=self.value()) if self.value() else queryset


class ThroughDoor(admin.SimpleListFilter):
    """Entries that came in by one door."""

    title, parameter_name = _("door"), "door"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(names.DOORS.items())

    def queryset(self, request: HttpRequest, queryset: orm.QuerySet) -> orm.QuerySet:
        return queryset.filter(door=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryPage(Unwritten):
    fieldsets = [
        (None, {"fields": [("seq", "at"), ("actor", "door", "role"), "reason", ("act", "schema")]}),
        (_("What changed"), {"fields": [("table", "reference"), "changes"]}),
        (_("The hashed text, and the chain"), {"fields": ["canonical", "leaf", "chain"]}),
    ]
    list_display = ("seq", "at_brief", "actor", "door_brief", "row", "reason_brief")
    list_filter = (OfTable, ThroughDoor)
    search_fields = ("reference__startswith",)
    search_help_text = _("The beginning of a reference.")
    ordering = ("-seq",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> orm.QuerySet:
        return history.visible(request.user)

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        return super().locked(request, obj) | {"changes"}

    @admin.display(description=_("record"))
    def row(self, entry: Entry) -> Any:
        if entry.canonical is None:
            return _("withheld")
        return format_html("{} <bdi>{}</bdi>", names.kind(entry.table), entry.reference)

    @admin.display(description=_("changes"))
    def changes_shown(self, entry: Entry) -> Any:
        line = next(history.lines([entry]))
        if entry.canonical is None:
            return line.done
        return render_to_string("admin/includes/changes.html", {"changes": line.changes})


@admin.register(models.Release)
class ReleasePage(Unwritten):
    """The public releases, and the button that publishes one."""

    change_list_template = "admin/releases.html"
    list_display = ("ref", "size", "head", "digest")
    ordering = ("-size",)

    def get_urls(self) -> list:
        # Not in the act that surrounds other pages: a bundle is read in a transaction of its own, and what it signs is kept first.
        publish = admin.AdminSite.admin_view(self.admin_site, require_POST(self.publish))
        return [path("publish/", publish, name="commitments_release_publish"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_release": may(request.user, "release")} | (extra_context or {}))

    def publish(self, request: HttpRequest) -> HttpResponse:
        """Publishes a release for the reason that the form gives."""
        if not may(request.user, "release"):
            raise PermissionDenied
        try:
            if not (reason := acts.given_reason(request)):
                raise actions.Refused(now("Nothing was published: give the reason, too."))
            release = releases.publish(by=request.user.pseudonym, reason=reason, door=Door.ADMIN)
            acts.remember(request)
            messages.success(request, now("Published: %s") % release.ref)
        except (*acts.REFUSALS, findings.Faulty, checkpoints.BadKey) as error:
            told = isinstance(error, findings.Faulty | checkpoints.BadKey)
            messages.error(request, str(error) if told else acts.refusal(error).message)
        return HttpResponseRedirect(reverse("admin:commitments_release_changelist"))


@admin.register(models.QuoteCheck)
class QuoteCheckPage(Unwritten):
    list_display = ("ref", "level_brief", "checked_at_brief", "start", "end")
    list_filter = ("level",)
    search_fields = ("ref__startswith",)
    search_help_text = _("The beginning of a document's or quote's reference.")
    ordering = ("ref",)
