"""Moving records along the editorial states: which button or list action is offered to whom, and what it does."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from commitments import actions
from commitments.ledger import Door
from commitments.models import Publication, Record, State

from . import acts
from .roles import may


class Move(NamedTuple):
    """One verb of actions.py as the admin offers it: its label, what it has done, the states it is offered in."""

    name: str
    label: str
    done: str
    states: tuple[str, ...]


MOVES = {
    move.name: move
    for move in (
        Move("submit", lazy("Submit for review"), lazy("Submitted for review"), (State.DRAFT,)),
        Move("send_back", lazy("Send back"), lazy("Sent back"), (State.IN_REVIEW,)),
        Move("publish", lazy("Approve and publish"), lazy("Approved and published"), (State.IN_REVIEW,)),
        Move("retract", lazy("Retract"), lazy("Retracted"), (State.PUBLISHED, State.IN_REVIEW)),
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
    found = [move for move in MOVES.values() if record.state in move.states and may(request.user, move.name)]
    return [move for move in found if move.name != "retract" or was_public(record)]


def asked(request: HttpRequest) -> Move | None:
    """The move whose button was pressed."""
    return next((move for name, move in MOVES.items() if f"_{name}" in request.POST), None)


def make(request: HttpRequest, move: Move, records: Iterable[Record]) -> None:
    """Makes a move with records, and with what they carry; refused as a whole if one of them can't."""
    if not may(request.user, move.name):
        raise PermissionDenied
    records = list(records)
    for record in records:
        record.refresh_from_db(fields=["state"])
        if record.state not in move.states:
            told = {"ref": record.ref, "state": record.get_state_display(), "move": move.label}
            raise actions.Refused(_("%(ref)s is “%(state)s”: “%(move)s” isn't possible now.") % told)
    told = {"by": request.user.pseudonym, "reason": acts.given_reason(request), "door": Door.ADMIN}
    if move.name == "publish":
        told["more_known"] = "_more_known" in request.POST
    if move.name == "retract":
        for record in records:
            actions.retract(record, **told)
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
        for child in getattr(record, name).filter(state__in=move.states).order_by("ref")
    ]
    return [child for child in found if child not in records]


def list_action(move: Move) -> Callable:
    """The move as an action on the rows of a list."""

    def run(admin, request, queryset):
        records = list(queryset)
        make(request, move, records)
        tell(request, move, records)

    run.short_description = move.label
    run.__name__ = move.name
    return run
