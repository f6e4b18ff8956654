"""Accounts and groups: who may log in, under which pseudonym, with which role."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import models as orm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from commitments import factors, models
from commitments.ledger import Door

from . import acts, display, forms, widgets
from .base import Page
from .roles import may

admin.site.unregister(Group)  # Django's own page for it, which lists every permission there is


class PeoplePage(Page):
    """For those who keep the accounts. No account goes: it is made inactive, and its pseudonym is never another's."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "people")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "people")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request.user, "people")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    automatic = ()


@admin.register(models.User)
class UserPage(PeoplePage, UserAdmin):
    form = forms.ReasonedForm
    add_form = forms.AccountForm
    change_password_form = forms.PasswordForm
    add_fieldsets = [(None, {"fields": ["username", "pseudonym", "usable_password", "password1", "password2"]})]
    fieldsets = [
        (None, {"fields": ["username", "pseudonym", "password", "factor_shown"]}),
        (_("Who stands behind it"), {"fields": [("first_name", "last_name")]}),
        (_("Role"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
    ]
    list_display = ("username", "pseudonym", "is_active_brief", "is_staff_brief", "is_superuser_brief", "factor_brief")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("username", "pseudonym")
    ordering = ("username",)
    filter_horizontal = ()
    sortable_by = ("username", "pseudonym")

    def _lines(self) -> list:
        return self.fieldsets

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An account that may do everything is kept by its like alone, or its password would be a way there."""
        return super().has_change_permission(request, obj) and not _is_above(obj, request.user)

    def locked(self, request: HttpRequest, obj: Any = None) -> set[str]:
        """Nobody makes more of themselves, nor of another than they are."""
        own = {"is_active", "is_staff", "is_superuser", "groups"} if obj == request.user else set()
        above = set() if request.user.is_superuser else {"is_superuser"}
        return {"pseudonym", "password"} | own | above if obj else set()

    def concerned(self, pks: Iterable[str]) -> orm.Q:
        """Who is in which group is part of an account."""
        member = rf'"user_id": ({"|".join(map(str, pks))})[,}}]'
        return super().concerned(pks) | orm.Q(table="commitments_user_groups", canonical__regex=member)

    def render_change_form(self, request: HttpRequest, context: dict, *args, **kwargs) -> HttpResponse:
        field = context["adminform"].form.fields.get("groups")
        if field and (found := getattr(request, "meanwhile", None)):
            entries = [entry.values for entry in found.entries if entry.table == "commitments_user_groups"]
            joined, left = ({each[side]["group_id"] for each in entries if each[side]} for side in ("after", "before"))
            field.bound_data = partial(_groups, joined=joined, left=left)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("password"))
    def password_link(self, user: models.User) -> Any:
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', address, _("Set another password"))

    def get_queryset(self, request: HttpRequest) -> orm.QuerySet:
        factor = models.Factor.objects.filter(user=orm.OuterRef("pk"))
        return super().get_queryset(request).annotate(factor=orm.Exists(factor))

    @admin.display(description=_("groups"))
    def groups_shown(self, user: models.User) -> str:
        return ", ".join(map(str, user.groups.all()))

    @admin.display(description=_("second factor"))
    def factor_brief(self, user: models.User) -> Any:
        return display.plain(user.factor)

    @admin.display(description=_("second factor"))
    def factor_shown(self, user: models.User) -> Any:
        if not (factor := factors.of(user)):
            return _("none: the next log-in from elsewhere asks to enrol one")
        since = _("since %s") % f"\u2068{factor.created_at:%Y-%m-%d %H:%M} UTC\u2069"
        address = reverse("admin:commitments_user_factor", args=[user.pk])
        return format_html('{} <a class="button" href="{}">{}</a>', since, address, _("Take it away"))

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.take_factor)
        return [path("<int:pk>/factor/", view, name="commitments_user_factor"), *super().get_urls()]

    def take_factor(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes somebody's second factor away, with a reason; one's own is replaced, not taken."""
        if not may(request.user, "people"):
            raise PermissionDenied
        if not (user := models.User.objects.filter(pk=pk).first()):
            raise Http404
        if _is_above(user, request.user):
            raise PermissionDenied
        if user == request.user:
            return HttpResponseRedirect(reverse("admin:second_factor"))
        form = forms.TakeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            told = {"by": request.user.pseudonym, "reason": acts.given_reason(request), "door": Door.ADMIN}
            factors.take_away(user, **told)
            acts.remember(request)
            self.message_user(request, _("The second factor of %s is gone, and so are their sessions.") % user)
            return HttpResponseRedirect(reverse("admin:commitments_user_change", args=[pk]))
        context = self.admin_site.each_context(request) | {"form": form, "account": user, "opts": self.opts}
        return render(request, "admin/take_factor.html", context | {"title": _("Take the second factor away")})

    def __init__(self, *args):
        super().__init__(*args)
        self.password_shown = self.password_link  # never the hash

    def formfield_for_manytomany(self, db_field: orm.Field, request: HttpRequest, **kwargs) -> Any:
        kwargs |= {"widget": widgets.RecordsSelect(db_field, self.admin_site), "form_class": widgets.RecordsField}
        return db_field.formfield(**kwargs)


def _is_above(user: models.User | None, other: models.User) -> bool:
    return user is not None and user.is_superuser and not other.is_superuser


def _groups(typed: list[str], now: list[Group], *, joined: set[int], left: set[int]) -> list[int]:
    """The groups that were chosen, with those that others chose meanwhile and without those that they took away."""
    return sorted(({int(group) for group in typed if group.isdigit()} - left) | joined)


@admin.register(Group)
class GroupPage(PeoplePage):
    """A group is known by its name alone: what it may do stands in `transitions`, so there is nothing to change here."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    fields = ["name"]
    list_display = ("name_brief",)
    search_fields = ("name",)
    ordering = ("name",)
    sortable_by = ("name",)
