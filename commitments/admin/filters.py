"""What the list of commitments is narrowed to: topic, obligor, and how things stand today."""

from typing import Any

from django.contrib import admin
from django.db import models as orm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from commitments import codebook, dates, models

from . import display
from .worklists import today


def standing(request: HttpRequest) -> orm.QuerySet:
    """How things stand today: for the obligor that the list is narrowed to, else for the whole of each commitment."""
    found = today(timezone.now().date())
    whose = request.GET.get("obligor")
    return found.filter(party=whose, role=models.Role.OBLIGOR) if whose else found.filter(party="")


class Standing(admin.SimpleListFilter):
    """Commitments that stand so today; the value is one of a vocabulary's codes."""

    def lookups(self, request: HttpRequest, page: Any) -> list[tuple[str, str]]:
        codes = codebook.codes(self.parameter_name)
        return [(code, codebook.label(self.parameter_name, code, display.reader())) for code in codes]

    def condition(self, value: str) -> orm.Q | None:
        """What a value asks of the day's rows; None if it is no value."""
        return orm.Q(**{self.parameter_name: value})

    def queryset(self, request: HttpRequest, queryset: orm.QuerySet) -> orm.QuerySet:
        if not self.value():
            return queryset
        if not (condition := self.condition(self.value())):
            return queryset.none()
        return queryset.filter(pk__in=standing(request).filter(condition).values("record"))


class StatusFilter(Standing):
    title, parameter_name = _("status today"), "status"


class ScheduleFilter(Standing):
    title, parameter_name = _("schedule today"), "schedule"


class DueFilter(Standing):
    """Those whose deadline in force ends in a time, as EDTF; the timeline leads here."""

    title, parameter_name = _("deadline"), "due"

    def lookups(self, request: HttpRequest, page: Any) -> list[tuple[str, str]]:
        return [(value, value)] if (value := self.value()) else []

    def condition(self, value: str) -> orm.Q | None:
        try:
            earliest, latest = dates.bounds(value)
        except ValueError:
            return None
        return orm.Q(due_latest__range=(earliest or models.BEGINNING, latest or models.END))


class ObligorFilter(Standing):
    """Those that a party owes; the distribution by party leads here. Statuses and schedules are then the party's own."""

    title, parameter_name = _("obligor"), "obligor"

    def lookups(self, request: HttpRequest, page: Any) -> list[tuple[str, str]]:
        if not (value := self.value()):
            return []
        party = models.Party.objects.filter(pk=value).first()
        return [(value, display.in_one(party.name)[0] if party else value)]

    def condition(self, value: str) -> orm.Q:
        return orm.Q(party=value)


class TopicFilter(admin.SimpleListFilter):
    title, parameter_name = _("topic"), "topic"

    def lookups(self, request: HttpRequest, page: Any) -> list[tuple[str, str]]:
        named = [(topic.pk, display.in_one(topic.name)[0]) for topic in models.Topic.objects.all()]
        return sorted(named, key=lambda topic: topic[1])

    def queryset(self, request: HttpRequest, queryset: orm.QuerySet) -> orm.QuerySet:
        return queryset.filter(topics__topic=self.value()) if self.value() else queryset
