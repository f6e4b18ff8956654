"""Moving records along the editorial states: which button or list action is offered to whom, and what it does."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from commitments import actions, transitions
from commitments.ledger import Door, Entry
from commitments.models import Publication, Record, State

from . import acts
from .roles import may


class Move(NamedTuple):
    """One action of the table of transitions as the admin offers it: its label, and what it has done."""

    name: str
    label: str
    done: str
    reviewed: bool = False  # whether what it makes public is shown first

    @property
    def states(self) -> tuple[str, ...]:
        """The states it is made from."""
        return transitions.starts(self.name)


MOVES = {
    move.name: move
    for move in (
        Move("submit", lazy("Submit for review"), lazy("Submitted for review")),
        Move("send_back", lazy("Send back"), lazy("Sent back")),
        Move("publish", lazy("Approve and publish"), lazy("Approved and published"), reviewed=True),
        Move("publish_at_once", lazy("Publish in an emergency"), lazy("Published in an emergency"), reviewed=True),
        Move("retract", lazy("Retract"), lazy("Retracted")),
    )
}
CARRIED = {"commitment": ("deadlines", "relations")}  # what goes the same way together with a record


def was_public(record: Record) -> bool:
    """Tell whether any version of a record was ever on the shelf; asked of the database once a record."""
    if not hasattr(record, "_was_public"):
        record._was_public = Publication.objects.of(record._meta.model_name).filter(record=record.ref).exists()
    return record._was_public


def offered(request: HttpRequest, record: Record) -> list[Move]:
    """The moves that this person may make with a record as it is now."""
    roles = request.user.roles
    found = [move for move in MOVES.values() if transitions.allowed(move.name, record.state, roles)]
    return [move for move in found if move.name not in WANTED or WANTED[move.name](record)]


def is_flagged(record: Record) -> bool:
    """Tell whether a record's public version is an emergency's, that a second person hasn't approved yet."""
    current = Publication.objects.known_at(None).of(record._meta.model_name)
    return current.filter(record=record.ref, emergency=True).exists()


# What a move needs beside the state and the group, to be offered.
WANTED: dict[str, Callable[[Record], bool]] = {
    "retract": was_public,
    "publish": lambda record: record.state != State.PUBLISHED or is_flagged(record),
}


def sent_back(record: Record) -> Entry | None:
    """The entry by which a draft was sent back to its author, its reason the comment; None for any other record."""
    if getattr(record, "state", None) != State.DRAFT:
        return None
    last = Entry.objects.filter(table=record._meta.db_table, reference=record.pk).order_by("-seq")
    for entry in last.exclude(canonical=None):
        before, after = (entry.values[name] or {} for name in ("before", "after"))
        if before.get("state") != after.get("state"):
            return entry if before.get("state") == State.IN_REVIEW else None
    return None


def asked(request: HttpRequest) -> Move | None:
    """The move whose button was pressed."""
    return next((move for name, move in MOVES.items() if f"_{name}" in request.POST), None)


def make(request: HttpRequest, move: Move, records: Iterable[Record]) -> None:
    """Makes a move with records, and with what they carry; refused as a whole if one of them can't.

    What makes public is refused unless the form says what it showed of it (`seen`), and nothing else becomes public then.
    """
    if not may(request.user, move.name):
        raise PermissionDenied
    records = list(records)
    for record in records:
        if not hasattr(record, "state"):
            raise actions.Refused(_("%s has no state of its own: it goes with what cites it.") % record.ref)
        record.refresh_from_db(fields=["state"])
        if record.state not in move.states:
            told = {"ref": f"\u2068{record.ref}\u2069", "state": record.get_state_display(), "move": move.label}
            raise actions.Refused(_("%(ref)s is “%(state)s”: “%(move)s” isn't possible now.") % told)
    told = {"by": request.user.pseudonym, "reason": acts.given_reason(request), "door": Door.ADMIN}
    if move.name == "retract":
        for record in records:
            actions.retract(record, **told)
    elif move.reviewed:
        if not (seen := request.POST.get("seen")):
            raise actions.Refused(_("Review it first: nothing becomes public that wasn't shown."))
        told |= {"more_known": "_more_known" in request.POST, "seen": seen}
        actions.publish([*records, *carried(move, records)], emergency=move.name == "publish_at_once", **told)
    else:
        getattr(actions, move.name)([*records, *carried(move, records)], **told)


def tell(request: HttpRequest, move: Move, records: Iterable[Record]) -> None:
    """Says on the next page what was done."""
    done = {"done": move.done, "refs": ", ".join(record.ref for record in records)}
    messages.success(request, _("%(done)s: %(refs)s") % done)


def carried(move: Move, records: Iterable[Record]) -> list[Record]:
    """The deadlines and relations of commitments that can go the same way."""
    found = [
        child
        for record in records
        for name in CARRIED.get(record._meta.model_name, ())
        for child in getattr(record, name).filter(state=record.state).order_by("ref")
    ]
    return [child for child in found if child not in records]


def list_action(move: Move) -> Callable:
    """The move as an action on the rows of a list; one that makes public shows first what."""

    def run(admin, request, queryset):
        records = list(queryset)
        if move.reviewed:
            return HttpResponseRedirect(admin.review_address(records, acts.given_reason(request)))
        make(request, move, records)
        admin.refuse_meanwhile(request, records)
        tell(request, move, records)
        return None

    run.short_description = move.label
    run.__name__ = move.name
    return run
