"""What follows from a judgement before it is recorded, and what it may not be recorded without."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from . import actions, representations, standings
from .models import NEEDS_EVIDENCE, Assessment, Commitment, Document, Publication, Role, State, Status

SHOWN = ("commitment", "deadline", "assessment")
LAST = 1_000_000  # the place in the ledger of what isn't there yet


class Foreseen(NamedTuple):
    """How an obligor (None: the whole) stands on a day, before and after a judgement: codes of status and schedule."""

    obligor: str | None
    status: tuple[str, str]
    schedule: tuple[str, str]

    @property
    def changed(self) -> bool:
        return len({*self.status}) > 1 or len({*self.schedule}) > 1


def lacking(status: str, *, evidence: int, searched: int) -> str:
    """Which rule a judgement with so much evidence and so many searched documents breaks; "" if none."""
    if status in NEEDS_EVIDENCE and not evidence:
        codes = _(", ").join(str(code.label) for code in NEEDS_EVIDENCE)
        return _("A judgement needs evidence where its status is one of: %s. Cite at least one passage.") % codes
    if status == Status.NO_EVIDENCE and not searched:
        return _("“%s” says where somebody looked: name the documents that were searched.") % Status.NO_EVIDENCE.label
    return ""


def counts_from(latest: datetime.date | None, documents: Iterable[Document], today: datetime.date) -> datetime.date:
    """The day from which a judgement recorded today counts, as `representations.counts_from`."""
    return latest or max(filter(None, map(representations.public_day, documents)), default=today)


def known(commitment: Commitment) -> tuple[list[standings.Due], list[standings.Judgement]]:
    """The deadlines and judgements that count: the public ones; of a commitment that isn't public, all on the desk."""
    shelf = Publication.objects.known_at(None).standing().filter(commitment=commitment.pk, kind__in=SHOWN)
    bodies = {kind: [] for kind in SHOWN}
    for publication in shelf.order_by("ref"):
        bodies[publication.kind].append({"ref": publication.record} | publication.body_json)
    if not bodies["commitment"]:
        for deadline in commitment.deadlines.exclude(state=State.RETRACTED).select_related("statement"):
            issued = {"set_by": {"issued": representations.date(deadline.statement, "issued")}}
            bodies["deadline"].append({"ref": deadline.pk} | representations.deadline(deadline).body | issued)
        for judged in commitment.assessments.exclude(state=State.RETRACTED):
            bodies["assessment"].append({"ref": judged.pk} | representations.assessment(judged).body)
    return list(map(actions.due, bodies["deadline"])), list(map(actions.judgement, bodies["assessment"]))


def judgement(
    judged: Assessment, day: datetime.date, days: tuple[datetime.date | None, datetime.date | None], disputed: bool
) -> standings.Judgement:
    """An assessment that isn't recorded yet, as standings see it; `days`: the first and last of its effective date."""
    return standings.Judgement(
        ref="", obligor=judged.obligor_id, status=judged.status, day=day, order=LAST, earliest=days[0], latest=days[1],
        edtf=judged.effective_edtf or day.isoformat(), disputed=disputed, corrects=judged.corrects_id,
    )  # fmt: skip


def foreseen(
    commitment: Commitment, new: standings.Judgement, days: Iterable[datetime.date]
) -> dict[datetime.date, list[Foreseen]]:
    """How the commitment's whole and each of its obligors stand on these days, before and after a new judgement."""
    dues, judgements = known(commitment)
    roles = commitment.parties.filter(role=Role.OBLIGOR).order_by("party")
    owing = [None, *roles.values_list("party", flat=True).distinct()]
    before, after = standings.spans(dues, judgements), standings.spans(dues, [*judgements, new])
    found = {}
    for day in days:
        sides = [next(span for span in spans if span.first <= day < span.until) for spans in (before, after)]
        found[day] = [
            Foreseen(
                obligor,
                tuple(span.status(obligor) for span in sides),
                tuple(span.schedule(obligor) for span in sides),
            )
            for obligor in owing
        ]
    return found
