"""What every page of the admin shares: its inputs, words in their direction, acts, history, bounded lists."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models as orm
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import actions, models
from commitments import fields as columns
from commitments.ledger import flush

from . import acts, display, forms, history, meanwhile, once, widgets
from .roles import may

COUNTED = 5000  # rows that a list counts and pages through; beyond, a search finds them
SHORT = ("name", "title", "place")  # language maps that fit on a line
HOW = [("extends", gettext_lazy("extends it")), ("replaces", gettext_lazy("replaces it"))]


class BoundedPaginator(Paginator):
    """Pages of a list of any length, at a bounded cost: it counts no further than COUNTED."""

    LIMIT = COUNTED

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by().values("pk")[: self.LIMIT].count()


class Door:
    """For record pages and their inlines: who may, which inputs, and how a field is shown that isn't typed."""

    form = forms.DeskForm
    gaps: dict[str, str] = {}  # fields that may be unknown, by the name that `gaps` knows them by
    automatic: tuple[str, ...] = ("state",)  # follow from the rest: shown, never typed

    def __init__(self, *args):
        super().__init__(*args)
        for field in self.opts.concrete_fields:
            setattr(self, f"{field.name}_shown", display.Shown(field, brief=False))
            setattr(self, f"{field.name}_brief", display.Shown(field, brief=True))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "view")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> orm.QuerySet:
        related = [field.name for field in self.opts.concrete_fields if self.shows_record(field)]
        queryset = super().get_queryset(request)
        return queryset.select_related(*related) if related else queryset

    def shows_record(self, field: orm.Field) -> bool:
        """Tell whether a column leads to another record, which is read together with this one."""
        return isinstance(field, orm.ForeignKey)

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        """The fields of this page that are shown and not typed."""
        return {*self.automatic} | ({"ref"} if obj else set())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        locked, numbered = self.locked(request, obj), issubclass(self.opts.model, models.Numbered)
        unknown = {*self.automatic} | ({"ref"} if numbered else set()) if obj is None else set()

        def line(names: Any) -> Any:
            if not isinstance(names, str):
                return tuple(filter(None, map(line, names)))
            return None if names in unknown else f"{names}_shown" if names in locked else names

        def shown(options: dict) -> dict:
            return options | {"fields": list(filter(None, map(line, options["fields"])))}

        return [(name, shown(options)) for name, options in self._lines()]

    def _lines(self) -> list:
        return self.fieldsets or [(None, {"fields": self.fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        names = flatten_fieldsets(self.get_fieldsets(request, obj))
        return [name for name in names if name.endswith("_shown")]

    def formfield_for_dbfield(self, db_field: orm.Field, request: HttpRequest, **kwargs) -> Any:
        """The input of a column: our own for our own column types, checks for characters and dates, else Django's."""
        plain = {"label": capfirst(db_field.verbose_name), "required": not db_field.blank}
        plain["help_text"] = db_field.help_text
        if isinstance(db_field, columns.LanguageMapField):
            return widgets.LanguageMap(long=db_field.name not in SHORT, **plain)
        if isinstance(db_field, columns.GapsField):
            return widgets.Gaps(asked=self.gaps, **plain)
        if db_field.name == "change":
            return forms.forms.ChoiceField(choices=[("", "---------"), *HOW], **plain)
        if codes := display.vocabulary(db_field):
            kwargs["widget"] = widgets.CodeSelect(codes)
        elif db_field.name.endswith("edtf"):
            kwargs["validators"] = [forms.readable_date]
        elif isinstance(db_field, orm.CharField | orm.TextField) and not db_field.choices:
            kwargs["validators"] = [widgets.sound]
        if isinstance(db_field, orm.URLField):
            kwargs["assume_scheme"] = "https"
        if db_field.name in ("note", "waiver"):
            kwargs["widget"] = AdminTextareaWidget({"rows": 2})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False  # discarding has its own page, with a reason
        return field

    def formfield_for_foreignkey(self, db_field: orm.Field, request: HttpRequest, **kwargs) -> Any:
        kwargs |= {"widget": widgets.RecordSelect(db_field, self.admin_site), "form_class": widgets.RecordField}
        return db_field.formfield(**kwargs)


class Page(Door, admin.ModelAdmin):
    """A list and its forms, each change an act with a reason, the History button the ledger's."""

    form = forms.ReasonedForm
    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ("ref",)
    save_on_top = False
    view_on_site = False
    action_form = forms.MoveForm

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs) -> type:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args, **kwargs) -> HttpResponse:
        """As Django's, but sent twice it saves once; what is refused comes back as the form with the reason why and all that was typed.

        Refused is what the database refuses, and what was made of a page that others have changed meanwhile.
        """
        if request.method != "POST" or not acts.reasoned(request):
            if request.method == "GET":
                request.announced = once.announce(request)  # before the record is read
            return super().changeform_view(request, object_id, *args, **kwargs)
        try:
            with transaction.atomic(), once.once(request) as first:
                if not first:
                    return self._again(request)
                if object_id:
                    self.refuse_meanwhile(request, [unquote(object_id)])
                answer = super().changeform_view(request, object_id, *args, **kwargs)
                if object_id and answer.status_code == 200:  # the form has faults: maybe since others were faster
                    self.refuse_meanwhile(request, [unquote(object_id)])
                return answer
        except acts.REFUSALS as refused:
            error, found = refused, self._found_meanwhile(request, object_id, refused)
        request.refusal = acts.refusal(found or error)
        if isinstance(error, once.Otherwise):
            request.announced = once.announce(request)
        if found:
            request.announced, request.meanwhile = once.announce(request), found
            request.typed, request.POST = request.POST, meanwhile.without_gone(request.POST, found.entries)
            if object_id and not self.model._default_manager.filter(pk=unquote(object_id)).exists():
                object_id = None  # it was discarded: what was typed comes back as if it were new
        return super().changeform_view(request, object_id, *args, **kwargs)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict:
        """As Django's, without a copy for each set of parts of all that was sent: nothing writes into it."""
        given = {"instance": obj, "prefix": prefix, "queryset": inline.get_queryset(request)}
        return given | ({"data": request.POST, "files": request.FILES} if request.method == "POST" else {})

    def _found_meanwhile(
        self, request: HttpRequest, object_id: str | None, error: Exception
    ) -> meanwhile.Meanwhile | None:
        """What others changed since the page was opened, which may be why the database refused it; None for nothing."""
        try:
            if object_id:
                self.refuse_meanwhile(request, [unquote(object_id)])
        except actions.Refused as found:  # else the form is nobody's: that is what is told
            error = found
        return error if isinstance(error, meanwhile.Meanwhile) else None

    def _again(self, request: HttpRequest) -> HttpResponse:
        """The answer to a form that was sent before: the one that it had the first time."""
        this = once.announced(request)
        (entry, *_rest) = once.made(this).filter(table=self.opts.db_table) or once.made(this)
        messages.warning(request, once.AGAIN)
        obj = self.get_object(request, entry.reference)
        if obj is None:
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        before = entry.values["before"]
        return self.response_change(request, obj) if before else self.response_add(request, obj)

    def concerned(self, pks: Iterable[str]) -> orm.Q:
        """The entries of the records of this page and of the parts on it."""
        parts = [inline.model._meta.db_table for inline in self.inlines]
        found = orm.Q(table=self.opts.db_table, reference__in=[str(pk) for pk in pks])
        for pk in pks if parts else ():
            own = rf"^{re.escape(str(pk))}\.[a-z]+-[0-9]+$"
            found |= orm.Q(table__in=parts, reference__startswith=f"{pk}.", reference__regex=own)
        return found

    def refuse_meanwhile(self, request: HttpRequest, records: Iterable[Any]) -> None:
        """Raises Meanwhile if others changed one of these records, or its parts, since the form was made."""
        meanwhile.refuse(request, self.concerned([getattr(record, "pk", record) for record in records]))

    def render_change_form(self, request: HttpRequest, context: dict, *args, obj: Any = None, **kwargs) -> HttpResponse:
        context["announced"] = getattr(request, "announced", None) or request.POST.get("announced", "")
        if found := getattr(request, "meanwhile", None):
            sets = [each.formset for each in context["inline_admin_formsets"]]
            typed = meanwhile.typed(request, context["adminform"].form, sets)
            context |= {"meanwhile": meanwhile.fields(found, typed), "by_whom": list(history.lines(found.entries))}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or form.edited:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        parts = any(each.new_objects or each.changed_objects or each.deleted_objects for each in formsets)
        request.unchanged = change and not form.edited and not parts
        self.finish(request, form)
        flush()  # what the database refuses, it refuses before anybody is told of a success
        if change:
            self.refuse_meanwhile(request, [form.instance])
        acts.remember(request)

    def finish(self, request: HttpRequest, form: Any) -> None:
        """What belongs to the same act, once the record and its parts are saved."""

    def message_user(self, request: HttpRequest, message: str, level: int = messages.INFO, *args, **kwargs) -> None:
        """As Django's, but a form that was saved as it stood isn't called a change."""
        if getattr(request, "unchanged", False):
            message, level = _("Nothing was changed: the form said what the record says already."), messages.WARNING
        super().message_user(request, message, level, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: Any, parts: Sequence[orm.Model] = ()) -> None:
        """As Django's, with parts; refused if others changed any of it, or added to it, since the page was opened."""
        concerned = self.concerned([obj.pk])
        for model, some in groupby(parts, key=type):
            concerned |= orm.Q(table=model._meta.db_table, reference__in=[part.pk for part in some])
        for part in parts:
            part.delete()
        super().delete_model(request, obj)
        flush()
        meanwhile.refuse(request, concerned)
        acts.remember(request)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        pages = BoundedPaginator(history.entries(record), 50)
        page = pages.get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % record,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "object": record,
            "opts": self.opts,
            "page": page,
            "page_range": pages.get_elided_page_range(page.number),
            "lines": list(history.lines(page)),
        }
        return TemplateResponse(request, "admin/object_history.html", context)

    def log_addition(self, *args) -> None:
        """The ledger is the one history: Django's own log stays empty."""

    log_change = log_deletions = log_addition
