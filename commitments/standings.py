"""How a commitment stands on any day of the world: the deadline in force, the statuses, the schedule."""

import datetime
import functools
from collections.abc import Iterable
from dataclasses import dataclass

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """A deadline as far as standing goes. `set_on`: the last day of its statement's date (None: always known)."""

    ref: str
    sense: str
    kind: str
    earliest: datetime.date | None
    latest: datetime.date | None
    anchored: bool = False
    set_on: datetime.date | None = None
    replaces: str | None = None


@dataclass(frozen=True)
class Judgement:
    """An assessment as far as standing goes. `day`: when it begins to count; `order`: its place in the ledger."""

    ref: str
    obligor: str | None
    status: str
    day: datetime.date
    order: int
    earliest: datetime.date | None
    latest: datetime.date | None
    edtf: str
    disputed: bool = False
    corrects: str | None = None


@dataclass(frozen=True)
class Span:
    """How one commitment stands from `first` to the day before `until`: `due` in force, judgements by obligor (None: the whole)."""

    first: datetime.date
    until: datetime.date
    due: Due | None
    judgements: dict[str | None, Judgement]

    def judgement(self, obligor: str | None) -> Judgement | None:
        """The obligor's own judgement where there is one, else that of the whole."""
        return self.judgements.get(obligor) or self.judgements.get(None)

    def status(self, obligor: str | None = None) -> str:
        judged = self.judgement(obligor)
        return judged.status if judged else "not_assessed"

    def schedule(self, obligor: str | None = None) -> str:
        return schedule(self.due, self.judgement(obligor), self.first)

    @property
    def contested(self) -> bool:
        """Whether disputing evidence stands against a judgement in force."""
        return any(judged.disputed for judged in self.judgements.values())


# One row: (statuses, situations, schedule); the first row that fits counts. None: any. Situations are those of `situation`.
SCHEDULE = (
    ({"withdrawn", "superseded"}, None, "closed"),
    ({"fulfilled"}, {"none"}, "no_deadline"),
    ({"fulfilled"}, {"before", "after", "within"}, None),  # by the day of fulfilment: see `met`
    ({"fulfilled"}, {"standing", "effect_before", "effect_within", "effect_after"}, "closed"),
    ({"fulfilled"}, {"event", "open"}, "met_date_unclear"),
    (None, {"none"}, "no_deadline"),
    (None, {"event"}, "awaiting_event"),
    (None, {"standing", "effect_within"}, "ongoing_duty"),
    (None, {"effect_before", "before", "within", "open"}, "not_due"),
    (None, {"effect_after"}, "closed"),
    ({"being_kept"}, {"after"}, "ongoing_duty"),
    ({"unverifiable"}, {"after"}, "closed"),
    (None, {"after"}, "overdue"),
)
SITUATIONS = (
    "none", "event", "standing", "open", "before", "within", "after", "effect_before", "effect_within", "effect_after",
)  # fmt: skip


def situation(due: Due | None, day: datetime.date) -> str:
    """Where `day` lies with regard to a deadline; an unknown latest day never passes."""
    if due is None or due.kind == "none":
        return "none"
    if due.kind in ("standing", "recurring"):
        return "standing"
    if due.kind == "event" or (due.kind == "relative" and due.earliest is due.latest is None):
        return "event" if due.kind == "event" or due.anchored else "none"
    if due.sense == "in_effect":
        if due.earliest and day < due.earliest:
            return "effect_before"
        return "effect_after" if due.latest and day > due.latest else "effect_within"
    if due.latest is None:
        return "open"
    return "after" if day > due.latest else "within" if due.earliest and day >= due.earliest else "before"


def met(due: Due, judged: Judgement) -> str:
    """Whether a fulfilment was in time; unclear where the two dates overlap or one is unknown."""
    if judged.latest and judged.latest <= due.latest:
        return "met_on_time"
    return "met_late" if judged.earliest and judged.earliest > due.latest else "met_date_unclear"


def schedule(due: Due | None, judged: Judgement | None, day: datetime.date) -> str:
    """The schedule's code on a day, by the table above."""
    return _code(judged.status if judged else "not_assessed", situation(due, day)) or met(due, judged)


@functools.cache
def _code(status: str, where: str) -> str | None:
    return next(
        code
        for statuses, places, code in SCHEDULE
        if (not statuses or status in statuses) and (not places or where in places)
    )


def in_force(dues: Iterable[Due], day: datetime.date) -> Due | None:
    """The deadline that counts on a day: set by then, replaced by none set by then; due before in effect, then the earliest."""
    known = [due for due in dues if due.set_on is None or due.set_on <= day]
    replaced = {due.replaces for due in known}
    left = [due for due in known if due.ref not in replaced]
    return min(left, key=lambda due: (due.sense != "due", due.latest or datetime.date.max, due.ref), default=None)


def in_office(judgements: Iterable[Judgement], day: datetime.date) -> dict[str | None, Judgement]:
    """By obligor, the last judgement that counts on a day; ties by ledger order. What was corrected never counts."""
    judgements = list(judgements)
    corrected = {judged.corrects for judged in judgements}
    counting = [judged for judged in judgements if judged.day <= day and judged.ref not in corrected]
    return {judged.obligor: judged for judged in sorted(counting, key=lambda judged: (judged.day, judged.order))}


def spans(dues: Iterable[Due], judgements: Iterable[Judgement]) -> list[Span]:
    """The whole of time, cut where something changes; neighbours always differ."""
    dues, judgements = list(dues), list(judgements)
    cuts = {datetime.date.min}
    for due in dues:
        cuts.update(
            filter(None, (due.set_on, due.earliest, due.latest and due.latest < datetime.date.max and due.latest + DAY))
        )
    cuts.update(judged.day for judged in judgements)
    days = sorted(cuts - {datetime.date.max})
    found: list[Span] = []
    for first, until in zip(days, [*days[1:], datetime.date.max], strict=True):
        span = Span(first, until, in_force(dues, first), in_office(judgements, first))
        if found and _alike(found[-1], span):
            span = Span(found.pop().first, until, span.due, span.judgements)
        found.append(span)
    return found


def _alike(one: Span, other: Span) -> bool:
    same = (one.due, one.judgements) == (other.due, other.judgements)
    return same and all(one.schedule(obligor) == other.schedule(obligor) for obligor in (None, *one.judgements))
