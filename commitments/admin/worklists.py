"""What needs work: one table of worklists, each a filter of the lists that it names; few queries count them all."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib import admin
from django.db import models as orm
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
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


# -- what the ledger tells; in SQL, since the rule of four eyes stands there, too

MOVED = "e.canonical::jsonb -> 'before' ->> 'state' IS DISTINCT FROM e.canonical::jsonb -> 'after' ->> 'state'"
STEP = "(e.canonical::jsonb -> 'before' ->> 'state', e.canonical::jsonb -> 'after' ->> 'state') = ('{}', '{}')"
BACK, FORTH = STEP.format("in_review", "draft"), STEP.format("draft", "in_review")


def own(model: type[orm.Model]) -> str:
    """SQL of the entries `e` of a record `r` itself."""
    return f"ledger_entry e WHERE e.\"table\" = '{model._meta.db_table}' AND e.reference = r.ref"


ME = "ARRAY[%s]"
HANDS = """ARRAY(SELECT unnest(desk_hands(%s)) UNION SELECT u.pseudonym FROM commitments_user u WHERE %s = ANY (desk_hands(u.pseudonym)))"""


def changed(model: type[orm.Model], by: str) -> str:
    """SQL that tells whether one of `by` is an author of a record `r` since its last approval: as `rules` asks."""
    depth = r"[^.]+\." if issubclass(model, models.Numbered) else ""
    kind, part = f"'{model._meta.model_name}'", rf"'^{depth}[^.]+\.{rules.PART}'"
    return f"""EXISTS (
      SELECT FROM (
      {rules.authored(kind, "r.ref", part)}
      ) e
       WHERE e.actor = ANY ({by}) AND e.seq > coalesce((
         SELECT max(p.from_seq) FROM commitments_publication p
          WHERE p.kind = {kind} AND p.record = r.ref AND p.class <> 'housekeeping' AND NOT p.emergency), 0)
         AND nullif(e.canonical::jsonb -> 'before', 'null') - ARRAY['state', 'note']
          IS DISTINCT FROM nullif(e.canonical::jsonb -> 'after', 'null') - ARRAY['state', 'note'])"""


def _told(found: orm.QuerySet, state: str, condition: str, *values: Any) -> orm.QuerySet:
    """The records `r` in a state for which an SQL condition on the ledger holds."""
    rows = f"SELECT ref FROM {found.model._meta.db_table} WHERE state = '{state}'"
    return found.filter(pk__in=RawSQL(f"SELECT r.ref FROM ({rows}) r WHERE {condition}", values))  # noqa: S611 - of our own words alone


def awaiting_review(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    return _told(found, "in_review", f"NOT {changed(found.model, HANDS)}", asked.who, asked.who)


def sent_back(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    last = f"(SELECT {BACK} FROM {own(found.model)} AND {MOVED} ORDER BY e.seq DESC LIMIT 1)"
    submitted = f"EXISTS (SELECT FROM {own(found.model)} AND e.actor = %s AND {FORTH})"
    return _told(found, "draft", f"{last} AND ({submitted} OR {changed(found.model, ME)})", asked.who, asked.who)


def old_drafts(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    lately = f"EXISTS (SELECT FROM {own(found.model)} AND e.at >= %s AND {MOVED})"
    return _told(found, "draft", f"NOT {lately}", asked.before(WAITING))


# -- what is public today


def today(day: datetime.date) -> orm.QuerySet:
    """How what is public stands on a day: a row for the whole of each commitment, one for each of its parties."""
    return models.Standing.objects.known_at(None).as_of(day).order_by()


class Public(NamedTuple):
    """The commitments whose whole stands so today; all such are counted by one look at the day's rows."""

    stands: Callable[[Asked], Q]

    def __call__(self, found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
        return found.filter(pk__in=today(asked.day).filter(self.stands(asked), party="").values("record"))


def unseen(found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
    of = orm.Func(F("reference"), orm.Value("."), orm.Value(1), function="split_part", output_field=orm.TextField())
    seen = Entry.objects.filter(at__gte=asked.before(UNSEEN)).annotate(of=of).filter(of=OuterRef("pk"))
    return Public(lambda asked: ~Q(status__in=ENDED))(found.filter(~Exists(seen)), asked)


def due_within(days: int) -> Callable[[Asked], Q]:
    def stands(asked: Asked) -> Q:
        return Q(due_latest__range=(asked.day, asked.day + datetime.timedelta(days=days)), schedule__in=OPEN)

    return stands


def overdue(asked: Asked) -> Q:
    """Overdue, and no judgement on the desk is of a day after the deadline; one without a day is of the day it was made."""
    judged = models.Assessment.objects.exclude(state=models.State.RETRACTED).filter(corrected_by__isnull=True)
    public = models.Publication.objects.known_at(None).of("assessment").filter(record=OuterRef("pk"))
    day = Coalesce("effective_latest", orm.Subquery(public.values("last_day")[:1]), asked.day)
    judged = judged.annotate(day=day).filter(commitment=OuterRef("record"), day__gt=OuterRef("due_latest"))
    return Q(~Exists(judged), schedule=models.Schedule.OVERDUE)


def watched(asked: Asked) -> Q:
    conditional = models.Commitment.objects.exclude(condition={}).values("pk")
    waiting = Q(schedule=models.Schedule.AWAITING_EVENT) | Q(record__in=conditional)
    return waiting & ~Q(status__in=ENDED)


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

    @property
    def public(self) -> bool:
        return isinstance(self.condition, Public)

    def rows(self, found: orm.QuerySet, asked: Asked) -> orm.QuerySet:
        """What of `found` is on it; what is for practice is nobody's work."""
        return self.condition(found.exclude(pk__startswith=rules.PRACTICE), asked)


COMMITMENT = (models.Commitment,)
WORKLISTS = {
    each.name: each
    for each in (
        Worklist("review", _("Awaiting my review"),
                 _("In review, and changed since its last approval only by others, with whose accounts I have nothing to do."), STATED, awaiting_review, "publish"),
        Worklist("sent-back", _("Sent back to me"),
                 _("Drafts that came back from review, which I wrote or submitted."), STATED, sent_back, "change"),
        Worklist("emergency", _("Emergency publications awaiting approval"),
                 _("Published by one person alone; a second one has to approve."), STATED, emergencies),
        Worklist("overdue", _("Overdue without an assessment after the deadline"),
                 _("Its latest day has passed, and no judgement is of a day after it."), COMMITMENT, Public(overdue)),
        Worklist("due-30", _("Deadlines in the next 30 days"),
                 _("The latest day of the deadline in force is near."), COMMITMENT, Public(due_within(30))),
        Worklist("due-90", _("Deadlines in the next 90 days"),
                 _("The same, further ahead; those of the next 30 days are among them."), COMMITMENT, Public(due_within(90))),
        Worklist("unseen", _("Not looked at for 180 days"),
                 _("Public, not fulfilled, withdrawn or superseded, and nobody recorded anything of it since."),
                 COMMITMENT, unseen),
        Worklist("conditions", _("Conditions to watch"),
                 _("Public and not ended: it has a condition, or its deadline hangs on an event."), COMMITMENT, Public(watched)),
        Worklist("contested", _("Contested"),
                 _("Evidence disputes a judgement that counts today."), COMMITMENT,
                 Public(lambda asked: Q(contested=True))),
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
    """Somebody's worklists with their counts; two queries."""
    mine, told = theirs(request.user), asked(request)
    if not mine:
        return []
    public = {each.name: orm.Count("pk", filter=each.condition.stands(told)) for each in mine if each.public}
    stand = today(told.day).filter(party="").aggregate(**public)
    each = [(worklist, model) for worklist in mine for model in worklist.lists if not worklist.public]
    found = [worklist.rows(model.objects.all(), told).order_by() for worklist, model in each]
    counts = [Counted(rows.values(one=orm.Value(1))[:COUNTED]) for rows in found]
    numbers = models.User.objects.filter(pk=request.user.pk).values_list(*counts).get()
    by_list = dict(zip(((worklist.name, model) for worklist, model in each), numbers, strict=True))
    by_list |= {(name, models.Commitment): min(count, COUNTED) for name, count in stand.items()}
    shown = []
    for worklist in mine:
        shares = [
            Share(_called(model), by_list[worklist.name, model], _way(worklist, model)) for model in worklist.lists
        ]
        shown.append(Line(worklist, shares, sum(share.count for share in shares)))
    return shown


def _called(model: type[orm.Model]) -> str:
    return str(model._meta.verbose_name_plural)


def _way(worklist: Worklist, model: type[orm.Model]) -> str:
    return reverse(f"admin:commitments_{model._meta.model_name}_changelist", query={"work": worklist.name})
