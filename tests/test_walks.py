"""A walk along `next` while somebody else inserts and edits: nothing twice, nothing missed that existed throughout."""

import datetime
import itertools
import random

import pytest
from django.db import connections

from commitments import actions, models
from commitments.ledger import act
from tests import builders, writers
from tests.test_pages import met, pages

ORDERINGS = ("ref", "-ref", "due", "-due", "statement", "relevance&q=convoys")
WALKS = (
    *(f"commitments/?ordering={name}&" for name in ORDERINGS),
    "timeline/?",
    "timeline/?ordering=-day&",
    "parties/?",
)
EDITS = 3  # kinds of work that the other process does in turn


def meddle(number: int, chance: random.Random) -> None:
    """One piece of somebody's work: a new commitment anywhere in the order, another deadline for an old one, another title."""
    day = datetime.date(2031, 1, 1) + datetime.timedelta(days=chance.randrange(2000))
    due = {"words": str(day), "edtf": str(day), "latest": day}
    old = chance.choice(list(models.Commitment.objects.filter(ref__startswith="walk-").order_by("ref")))
    with act(actor="author", reason=f"work {number}"):
        match number % EDITS:
            case 0:
                made = add(f"new-{chance.randrange(10**9)}", due, old)
            case 1:
                made = [
                    builders.deadline(
                        old, replaces=old.deadlines.filter(replaced_by=None).first(), change="replaces", **due
                    )
                ]
            case _:
                old.title = {"en": f"North protects convoys, {number}"}
                old.save()
                made = [old]
    actions.publish(made, by="approver", reason="checked")


def add(ref: str, due: dict, like: models.Commitment) -> list:
    quote = models.Quote.objects.order_by("ref").first()
    made = builders.commitment(like.statement, [models.Party.objects.get(ref="north")], [quote], ref=ref)
    return [made, builders.deadline(made, **due)]


def begin(many: int) -> None:
    """A register of so many commitments, in order of their references and not of their deadlines."""
    with act(actor="author", reason="begin"):
        like, made = models.Commitment.objects.get(), []
        for number in range(many):
            day = datetime.date(2031, 1, 1) + datetime.timedelta(days=number * 367 % 2000)
            made += add(f"walk-{number:03}", {"words": str(day), "edtf": str(day), "latest": day}, like)
    actions.publish(made, by="approver", reason="checked")


def walk(client, path: str, size: int, between=lambda: None) -> int:
    """Walks along `next`: how many rows it met. Nothing twice, nothing missed that existed throughout, as many as counted."""
    whole = {ref for page in pages(client, f"{path}page_size=200") for ref in met(page)}
    found, counts = [], set()
    for page in pages(client, f"{path}page_size={size}"):
        found += met(page)
        counts.add(page["count"])
        between()
    assert len(found) == len(set(found)), path
    assert whole <= set(found), path
    assert counts == {len(found)}, path
    return len(found)


@pytest.mark.no_cover
def test_a_walk_meets_everything_once_while_somebody_inserts_and_edits(published_database, client):
    begin(7)
    chance, numbers = random.Random(6), itertools.count()
    for path in (WALKS[2], WALKS[6]):
        assert walk(client, path, 3, lambda: meddle(next(numbers), chance)) > 7


def meddler(at_work, stop, told) -> None:
    """Another process, which works until told to stop."""
    chance, number = random.Random(7), 0
    while not stop.is_set():
        meddle(number, chance)
        number += 1
        at_work.set()
    told.put(number)


@pytest.mark.prove
@pytest.mark.no_cover
def test_walks_meet_everything_once_while_another_process_inserts_and_edits(
    published_database, client, record_property
):
    """About half a minute."""
    begin(60)
    at_work, stop, told = writers.SPAWN.Event(), writers.SPAWN.Event(), writers.SPAWN.Queue()
    database = connections["default"].settings_dict["NAME"]
    other = writers.SPAWN.Process(target=writers.elsewhere, args=(__name__, "meddler", database, at_work, stop, told))
    other.start()
    try:
        assert at_work.wait(writers.PATIENCE)
        rows = [walk(client, path, 7) for _round in range(3) for path in WALKS]
    finally:
        stop.set()
        other.join(writers.PATIENCE)
    assert other.exitcode == 0
    done = told.get(timeout=10)
    assert done > EDITS * 5
    record_property(
        "checked",
        f"{len(rows)} walks along next met {sum(rows)} rows once each, during {done} acts of another process.",
    )
