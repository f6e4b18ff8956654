"""What needs work: one table of worklists, each a filter of the lists that it names; their counts come in one query."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib import admin
from django.db import models as orm
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Collate, Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commitments import models, rules
from commitments.ledger import Entry

from .base import COUNTED
from .roles import may

UNSEEN, WAITING = datetime.timedelta(days=180), datetime.timedelta(days=14)
STATED = tuple(model for model in models.RECORDS if model is not models.Quote)  # a quote goes with what cites it
ENDED = (models.Status.FULFILLED, models.Status.WITHDRAWN, models.Status.SUPERSEDED)
OPEN = (models.Schedule.NOT_DUE, models.Schedule.ONGOING_DUTY)


class Asked(NamedTuple):
    """For whom, and on which (UTC) day."""

    who: str
    day: datetime.date

    def before(self, span: datetime.timedelta) -> datetime.datetime:
        """The instant that a span ends at the beginning of the day."""
        return datetime.datetime.combine(self.day - span, datetime.time(), datetime.UTC)


def asked(request: HttpRequest) -> Asked:
    """What worklists are asked for by a request."""
    return Asked(request.user.pseudonym, timezone.now().date())


# -- what the ledger tells


class OfEntry(orm.Func):
    """A condition on the hashed text of an entry: how its row was before and after."""

    output_field = orm.BooleanField()

    def __init__(self, template: str):
        super().__init__(F("canonical"), template=f"({template})")


def changed() -> OfEntry:
    """Whether an entry changed more than a record's state and private note: what nobody approves of their own."""
    side = "nullif(%(expressions)s::jsonb -> '{}', 'null') - ARRAY['state', 'note']"
    return OfEntry(f"{side.format('before')} IS DISTINCT FROM {side.format('after')}")


def moved(before: str = "", after: str = "") -> OfEntry:
    """Whether an entry made a row or changed its state; or led it from one state to another."""
    side = "%(expressions)s::jsonb #>> '{{{},state}}'"
    if not after:
        return OfEntry(f"{side.format('before')} IS DISTINCT FROM {side.format('after')}")
    return OfEntry(f"{side.format('before')} = '{before}' AND {side.format('after')} = '{after}'")


def _below(end: str, operator: str) -> orm.Func:
    """A side of the range of all references below the record's; so the index of prefixes finds them."""
    bound = Collate(Concat(OuterRef("pk"), orm.Value(end)), "default")
    return orm.Func(
        F("reference"), bound, template="(%(expressions)s)", arg_joiner=operator, output_field=orm.BooleanField()
    )


def changed_by(model: type[orm.Model], who: str) -> Q:
    """Whether somebody changed a record, its parts or the quotes that it cites since its last approval, as `rules` asks."""
    approved = models.Publication.objects.of(model._meta.model_name).filter(record=OuterRef(OuterRef("pk")))
    approved = approved.filter(emergency=False).exclude(publication_class="housekeeping")
    since = orm.Subquery(approved.order_by("-version").values("from_seq")[:1])
    entries = Entry.objects.filter(changed(), actor=who, seq__gt=Coalesce(since, 0))
    depth = "[^.]+\\." if issubclass(model, models.Numbered) else ""
    part = rf"^{depth}[^.]+\.({'|'.join(rules.PARTS)})-[0-9]+$"
    targets = [OuterRef(OuterRef("pk"))] * 3
    names = [f"{name}_id" for name in models.Citation.PARENTS]
    cited = Q(*zip(names, targets, strict=True), _connector=Q.OR)
    quotes = models.Citation.objects.filter(cited).values("quote")
    found = Q(Exists(entries.filter(table=model._meta.db_table, reference=OuterRef("pk"))))
    found |= Q(Exists(entries.filter(_below(".", " ~>=~ "), _below("/", " ~<~ "), reference__regex=part)))
    if model in (models.Commitment, models.Deadline, models.Assessment):
        found |= Q(Exists(entries.filter(table=models.Quote._meta.db_table, reference__in=quotes)))
    return found


def entries_of(model: type[orm.Model]) -> orm.QuerySet:
    """The entries of a record itself."""
    return Entry.objects.filter(table=model._meta.db_table, reference=OuterRef("pk"))


def awaiting_review(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    return found.filter(~changed_by(found.model, asked.who), state=models.State.IN_REVIEW)


def sent_back(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    own, back = entries_of(found.model), moved(models.State.IN_REVIEW, models.State.DRAFT)
    last = own.filter(moved()).order_by("-seq").annotate(back=back).values("back")[:1]
    submitted = own.filter(moved(models.State.DRAFT, models.State.IN_REVIEW), actor=asked.who)
    found = found.filter(state=models.State.DRAFT).annotate(last_back=orm.Subquery(last)).filter(last_back=True)
    return found.filter(changed_by(found.model, asked.who) | Q(Exists(submitted)))


def old_drafts(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    lately = entries_of(found.model).filter(moved(), at__gte=asked.before(WAITING))
    return found.filter(~Exists(lately), state=models.State.DRAFT)


def unseen(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    of = orm.Func(F("reference"), orm.Value("."), orm.Value(1), function="split_part", output_field=orm.TextField())
    seen = Entry.objects.filter(at__gte=asked.before(UNSEEN)).annotate(of=of).filter(of=OuterRef("pk"))
    return found.filter(~Exists(seen), pk__in=_refs(~Q(status__in=ENDED), asked))


# -- what is public today


def today(day: datetime.date) -> orm.QuerySet:
    """How what is public stands on a day: a row for the whole of each commitment, one for each of its parties."""
    return models.Standing.objects.known_at(None).as_of(day).order_by()


def _refs(condition: Q, asked: Asked) -> orm.QuerySet:
    """The commitments whose whole stands so today."""
    return today(asked.day).filter(condition, party="").values("publication__record")


def _standing(condition: Q) -> Callable:
    return lambda found, asked: found.filter(pk__in=_refs(condition, asked))


def due_within(days: int) -> Callable:
    def due(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
        span = (asked.day, asked.day + datetime.timedelta(days=days))
        return found.filter(pk__in=_refs(Q(due_latest__range=span, schedule__in=OPEN), asked))

    return due


def overdue(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    """Overdue, and no judgement on the desk is of a day after the deadline; one without a day is of the day it was made."""
    late = today(asked.day).filter(party="", schedule=models.Schedule.OVERDUE)
    judged = models.Assessment.objects.exclude(state=models.State.RETRACTED).filter(corrected_by__isnull=True)
    public = models.Publication.objects.known_at(None).of("assessment").filter(record=OuterRef("pk"))
    day = Coalesce("effective_latest", orm.Subquery(public.values("last_day")[:1]), asked.day)
    judged = judged.annotate(day=day).filter(commitment=OuterRef("publication__record"), day__gt=OuterRef("due_latest"))
    return found.filter(pk__in=late.filter(~Exists(judged)).values("publication__record"))


def conditions(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    public = ~Q(status__in=ENDED)
    waiting = Q(schedule=models.Schedule.AWAITING_EVENT)
    kept = Q(pk__in=_refs(public, asked)) & ~Q(condition={})
    return found.filter(kept | Q(pk__in=_refs(public & waiting, asked)))


# -- what the desk lacks


def inexact(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    return found.checked().exclude(level=models.Level.EXACT)


def second_hand(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    """Cited for a part of a commitment for which no official text is cited."""
    official = models.Citation.objects.filter(
        commitment=OuterRef("commitment"), part=OuterRef("part"), quote__document__document_kind="official_text"
    )
    cited = models.Citation.objects.filter(~Exists(official), quote=OuterRef("pk"), commitment__isnull=False)
    return found.filter(Exists(cited.exclude(commitment__state=models.State.RETRACTED)))


def without_evidence(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    cited = models.Citation.objects.filter(assessment=OuterRef("pk"))
    return found.filter(~Exists(cited), corrected_by__isnull=True).exclude(state=models.State.RETRACTED)


def untranslated(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    return found.exclude(title__has_keys=["en", "ar"]).exclude(state=models.State.RETRACTED)


def emergencies(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    flagged = models.Publication.objects.known_at(None).standing().of(found.model._meta.model_name)
    return found.filter(pk__in=flagged.filter(emergency=True).values("record"))


def textless(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    attached = models.DocumentText.objects.filter(document=OuterRef("pk"))
    return found.filter(~Exists(attached)).exclude(state=models.State.RETRACTED)


class Worklist(NamedTuple):
    """One worklist: its name in addresses, what it is called and holds, on which lists, by which condition, for whom."""

    name: str
    label: Promise
    hint: Promise
    lists: tuple[type[orm.Model], ...]
    condition: Callable[[orm.QuerySet, Asked], orm.QuerySet]
    action: str = "view"  # what one must be allowed to do to work it off

    def rows(self, found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
        """What of `found` is on it; what is for practice is nobody's work."""
        return self.condition(found.exclude(pk__startswith=rules.PRACTICE), asked)


COMMITMENT = (models.Commitment,)
WORKLISTS = {
    each.name: each
    for each in (
        Worklist("review", _("Awaiting my review"),
                 _("In review, and I changed nothing of it since its last approval."), STATED, awaiting_review, "publish"),
        Worklist("sent-back", _("Sent back to me"),
                 _("Drafts that came back from review, which I wrote or submitted."), STATED, sent_back, "change"),
        Worklist("emergency", _("Emergency publications awaiting approval"),
                 _("Published by one person alone; a second one has to approve."), STATED, emergencies),
        Worklist("overdue", _("Overdue without an assessment after the deadline"),
                 _("Its latest day has passed, and no judgement is of a day after it."), COMMITMENT, overdue),
        Worklist("due-30", _("Deadlines in the next 30 days"),
                 _("The latest day of the deadline in force is near."), COMMITMENT, due_within(30)),
        Worklist("due-90", _("Deadlines in the next 90 days"),
                 _("The same, further ahead; those of the next 30 days are among them."), COMMITMENT, due_within(90)),
        Worklist("unseen", _("Not looked at for 180 days"),
                 _("Public, not fulfilled, withdrawn or superseded, and nobody recorded anything of it since."),
                 COMMITMENT, unseen),
        Worklist("conditions", _("Conditions to watch"),
                 _("Public and not ended: it has a condition, or its deadline hangs on an event."), COMMITMENT, conditions),
        Worklist("contested", _("Contested"),
                 _("Evidence disputes a judgement that counts today."), COMMITMENT, _standing(Q(contested=True))),
        Worklist("without-evidence", _("Without evidence"),
                 _("Judgements that no quote proves, also those that looked and found nothing."),
                 (models.Assessment,), without_evidence),
        Worklist("inexact", _("Quotes not exact"),
                 _("Not found in the document's text at their place, or not checked against it."),
                 (models.Quote,), inexact),
        Worklist("second-hand", _("Second-hand quotes"),
                 _("From a report or a translation, and no official text is cited beside it."),
                 (models.Quote,), second_hand),
        Worklist("untranslated", _("Without English or Arabic title"),
                 _("One of the two titles is missing."), (models.Commitment, models.Statement), untranslated),
        Worklist("textless", _("Documents without a text"),
                 _("Their quotes can't be checked here until the text is attached."), (models.Document,), textless),
        Worklist("old-drafts", _("Drafts older than two weeks"),
                 _("Drafts for more than fourteen days: submit or discard them."), STATED, old_drafts),
    )
}  # fmt: skip


def theirs(user: Any) -> Iterable[Worklist]:
    """The worklists for somebody."""
    return [each for each in WORKLISTS.values() if may(user, "view") and may(user, each.action)]


class WorklistFilter(admin.SimpleListFilter):
    """The rows of a list that are on a worklist."""

    title, parameter_name = _("worklist"), "work"

    def __init__(self, request: HttpRequest, params: dict, model: type[orm.Model], page: Any):
        self.model = model
        super().__init__(request, params, model, page)

    def lookups(self, request: HttpRequest, page: Any) -> list[tuple[str, Any]]:
        return [(each.name, each.label) for each in theirs(request.user) if self.model in each.lists]

    def queryset(self, request: HttpRequest, queryset: orm.QuerySet) -> orm.QuerySet:
        if not (name := self.value()):
            return queryset
        known = name in dict(self.lookup_choices)  # a list that isn't there, or not for them, shows nothing
        return WORKLISTS[name].rows(queryset, asked(request)) if known else queryset.none()


class Counted(orm.Subquery):
    """How many rows a query has, as far as it goes."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = orm.IntegerField()


class Share(NamedTuple):
    """What a worklist has on one list: what its rows are called, how many there are, the way to them."""

    called: str
    count: int
    address: str

    @property
    def more(self) -> bool:
        return self.count >= COUNTED


class Line(NamedTuple):
    """One worklist on the start page."""

    worklist: Worklist
    shares: list[Share]
    total: int


def lines(request: HttpRequest) -> list[Line]:
    """Somebody's worklists with their counts; one query."""
    mine = theirs(request.user)
    if not mine:
        return []
    told = asked(request)
    each = [(worklist, model) for worklist in mine for model in worklist.lists]
    found = [worklist.rows(model.objects.all(), told).order_by() for worklist, model in each]
    counts = [Counted(rows.values(one=orm.Value(1))[:COUNTED]) for rows in found]
    numbers = models.User.objects.filter(pk=request.user.pk).values_list(*counts).get()
    by_list = dict(zip(each, numbers, strict=True))
    shown = []
    for worklist in mine:
        shares = [Share(_called(model), by_list[worklist, model], _way(worklist, model)) for model in worklist.lists]
        shown.append(Line(worklist, shares, sum(share.count for share in shares)))
    return shown


def _called(model: type[orm.Model]) -> str:
    return str(model._meta.verbose_name_plural)


def _way(worklist: Worklist, model: type[orm.Model]) -> str:
    return reverse(f"admin:commitments_{model._meta.model_name}_changelist", query={"work": worklist.name})
