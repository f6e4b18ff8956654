"""Pages of lists: one walk shows one moment, whoever writes meanwhile, and no page is too long."""

import datetime
import itertools
import random

import pytest
import time_machine
from django.db import connections

from commitments import actions, models
from commitments.api import renderers
from commitments.ledger import act
from tests import api_register, builders, writers
from tests.api_register import BORDER, BOTH, CONVOYS

API = "http://testserver/api/v1/"
MIB = 1024 * 1024
ORDERINGS = ("ref", "-ref", "due", "-due", "statement", "relevance&q=convoys")
WALKS = (
    *(f"commitments/?ordering={name}&" for name in ORDERINGS),
    "timeline/?",
    "timeline/?ordering=-day&",
    "parties/?",
)
EDITS = 3  # kinds of work that the other process does in turn


def pages(client, path: str):
    """The pages of a walk along `next`."""
    following = API + path
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.content.decode()
        assert len(response.content) < MIB
        yield response.json()
        following = response.json()["next"]


def met(page: dict) -> list[str]:
    return [each["ref"] for each in page["results"]]


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
                    builders.deadline(old, replaces=old.deadlines.order_by("-number").first(), change="replaces", **due)
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


def walk(client, path: str, between=lambda: None) -> int:
    """Walks along `next`: how many rows it met. Nothing twice, nothing missed that existed throughout, as many as counted."""
    whole = {ref for page in pages(client, f"{path}page_size=200") for ref in met(page)}
    found, counts = [], set()
    for page in pages(client, f"{path}page_size=3"):
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
        assert walk(client, path, lambda: meddle(next(numbers), chance)) > 7


def meddler(database: str, stop, told) -> None:
    """Another process that works until told to stop."""
    writers.point(database)
    chance, number = random.Random(7), 0
    while not stop.is_set():
        meddle(number, chance)
        number += 1
    connections.close_all()
    told.put(number)


@pytest.mark.prove
@pytest.mark.no_cover
def test_walks_meet_everything_once_while_another_process_inserts_and_edits(
    published_database, client, record_property
):
    """About 30 seconds."""
    begin(60)
    stop, told = writers.SPAWN.Event(), writers.SPAWN.Queue()
    other = writers.SPAWN.Process(target=meddler, args=(published_database_name(), stop, told))
    other.start()
    try:
        rows = [walk(client, path) for _round in range(4) for path in WALKS]
    finally:
        stop.set()
        done = told.get(timeout=writers.PATIENCE)
        other.join(writers.PATIENCE)
    assert (other.exitcode, done > EDITS * 10) == (0, True)
    record_property(
        "checked",
        f"{len(rows)} walks along next met {sum(rows)} rows once each, during {done} acts of another process.",
    )


def published_database_name() -> str:
    return connections["default"].settings_dict["NAME"]


def test_a_walk_shows_the_day_on_which_it_began(client, register):
    with time_machine.travel("2031-03-01T23:59:59Z", tick=False):
        first = client.get(f"{API}commitments/?page_size=1&ordering=-ref").json()
    with time_machine.travel("2031-03-02T00:00:00Z", tick=False):
        rest = client.get(first["next"].replace("page_size=1", "page_size=5")).json()["results"]
        now = client.get(f"{API}commitments/?ordering=-ref").json()["results"][1:]
    assert [(each["ref"], each["schedule"]) for each in rest] == [(BORDER, "overdue"), (CONVOYS, "not_due")]
    assert [(each["ref"], each["schedule"]) for each in now] == [(BORDER, "overdue"), (CONVOYS, "overdue")]


def test_the_pages_of_a_thread_are_of_one_moment(client, register):
    path = f"{API}commitments/{CONVOYS}/thread/?page_size=1"
    first = client.get(path).json()
    with act(actor="author", reason="an assessment from before all that there is"):
        early = builders.assessment(register["convoys"], "in_progress", [register["reported"]], effective="2029-01-01")
    actions.publish([early], by="approver", reason="checked")
    numbers = [page["results"][0]["number"] for page in pages(client, path.removeprefix(API))]
    second = client.get(first["next"]).json()
    assert (first["count"], second["count"], len(numbers)) == (
        second["count"] + 1,
        first["count"] - 1,
        first["count"] + 1,
    )
    assert [each["number"] for page in (first, second) for each in page["results"]] == [1, 2]
    assert first["next"].startswith(f"{path}&after=1&as_of=2031-06-01&known_at=")


@pytest.mark.parametrize("page_size", [200, 2])
def test_a_page_ends_early_rather_than_be_too_long(client, register, page_size):
    words = "القوافل " * 15_000
    with act(actor="author", reason="long quotes"):
        text = words + api_register.TEXT
        source = builders.document("long-2030", text=text)
        quote = builders.quote(source, words.strip(), text)
        long = [
            api_register.commitment(register["first"], f"long-{n}", {"en": "Long"}, [register["north"]], quote)
            for n in range(5)
        ]
    actions.publish([source, *long], by="approver", reason="checked")
    walked = list(pages(client, f"commitments/?page_size={page_size}"))
    assert [ref for page in walked for ref in met(page)] == [*(each.ref for each in long), CONVOYS, BORDER, BOTH]
    assert len(walked) > 3 or page_size == 2
    back = [client.get(walked[-1]["previous"]).json()]
    while back[0]["previous"]:
        back.insert(0, client.get(back[0]["previous"]).json())
    assert [ref for page in [*back, walked[-1]] for ref in met(page)] == [ref for page in walked for ref in met(page)]


def test_one_row_is_shown_however_long_it_is(client, register, monkeypatch):
    monkeypatch.setattr(renderers, "FULL", 1)
    walked = list(pages(client, "commitments/?ordering=-due"))
    assert [met(page) for page in walked] == [[CONVOYS], [BORDER], [BOTH]]
