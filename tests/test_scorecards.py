"""Scorecards: what a party owes, counted by threads, each number held against its rows."""

import datetime
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import actions, codebook, models, threads
from commitments.api import renderers, scorecards
from commitments.ledger import Entry, act
from tests import builders
from tests.api_register import BORDER, BOTH, CONVOYS
from tests.questions import API, approve, asked, card, held, link
from tests.questions import get as get  # the fixture

pytestmark = pytest.mark.django_db

ENOUGH = 60 if os.environ.get("PROVE") else 5  # examples: each publishes its relations


@pytest.mark.prove
def test_a_duty_said_again_counts_once_with_the_status_of_the_latest_in_force(get, client):
    answer = get("parties/north/scorecard/")
    assert {name: answer[name] for name in ("ref", "url", "name", "as_of", "known_at", "rules")} == {
        "ref": "north",
        "url": f"http://testserver{API}parties/north/",
        "name": {"en": "North", "ar": "الشمال"},
        "as_of": "2031-06-01",
        "known_at": None,
        "rules": scorecards.RULES,
    }
    assert card(answer, "threads") == {
        "count": 1,
        "judged": 1,
        "not_assessed": 0,
        "status": {"fulfilled": 1},
        "schedule": {"no_deadline": 1},
    }
    assert card(answer, "commitments") == {
        "count": 2,
        "judged": 1,
        "not_assessed": 1,
        "status": {"not_assessed": 1, "fulfilled": 1},
        "schedule": {"no_deadline": 1, "overdue": 1},
    }
    assert get(answer["threads"]["url"])["results"][0]["ref"] == BOTH
    assert held(client, answer) == 6 + 2 + 4


@pytest.mark.no_cover
def test_what_was_made_after_the_day_does_not_stand_for_a_thread(get, client):
    answer = get("parties/north/scorecard/?as_of=2030-11-29")  # the second statement is of November 2030
    assert card(answer, "threads")["status"] == {"not_assessed": 1}
    assert (
        answer["threads"]["url"] == f"http://testserver{API}commitments/?as_of=2030-11-29&obligor=north&scorecard=north"
    )
    assert get(answer["threads"]["url"])["results"][0]["ref"] == CONVOYS
    assert held(client, answer) == 11
    south = get("parties/south/scorecard/?as_of=2030-11-29")
    assert (south["threads"]["count"], south["commitments"]["count"]) == (1, 2)
    assert (card(get("parties/south/scorecard/?as_of=2030-11-30"), "threads")["status"]) == {
        "not_assessed": 1,
        "stalled": 1,
    }


def test_a_party_that_owes_nothing_has_an_empty_scorecard(get):
    answer = get("parties/union/scorecard/")
    assert [card(answer, side) for side in ("threads", "commitments")] == [
        {"count": 0, "judged": 0, "not_assessed": 0, "status": {}, "schedule": {}}
    ] * 2
    assert answer["threads"]["not_assessed"]["percent"] is None


@pytest.mark.prove
def test_there_is_a_percentage_from_eight_judged_threads_on(get, client, register):
    with act(actor="author", reason="nine duties"):
        west = builders.party("west", name={"en": "West"})
        made = [
            builders.commitment(register["first"], [west], [register["undertaken"]], ref=f"west-{number}")
            for number in range(9)
        ]
        judged = [
            builders.assessment(one, "no_evidence", [], [register["gazette"]], effective=f"2031-01-0{number}")
            for number, one in enumerate(made[:8], start=1)
        ]
    approve(west, *made, *judged)
    days = {day: get(f"parties/west/scorecard/?as_of={day}") for day in ("2031-01-07", "2031-01-08")}
    shares = {day: answer["threads"]["not_assessed"] for day, answer in days.items()}
    assert {day: (share["count"], share["percent"]) for day, share in shares.items()} == {
        "2031-01-07": (2, None),
        "2031-01-08": (1, 11.1),  # 100 × 1 ÷ 9
    }
    assert card(days["2031-01-08"], "threads")["judged"] == scorecards.ENOUGH
    held(client, days["2031-01-08"])


@pytest.mark.no_cover
def test_what_another_replaced_does_not_stand_for_a_thread(get, register):
    """North's second undertaking is replaced by one of South's alone: for North, its first stands."""
    with act(actor="author", reason="a third round"):
        third = builders.statement(
            "talks-2031-02-01", [register["south"]], issued_words="1 February 2031", issued_edtf="2031-02-01"
        )
        instead = builders.commitment(third, [register["south"]], [register["opened"]], ref="talks-2031-02-01-01")
        replacing = link(instead, "supersedes", register["both"])
    approve(third, instead, replacing)
    assert [each["ref"] for each in get("commitments/?scorecard=north")["results"]] == [CONVOYS]
    assert [each["ref"] for each in get("commitments/?scorecard=south")["results"]] == [BORDER, "talks-2031-02-01-01"]
    assert card(get("parties/north/scorecard/"), "threads")["status"] == {"not_assessed": 1}
    assert [each["ref"] for each in get("commitments/?scorecard=north&as_of=2031-01-31")["results"]] == [BOTH]


@pytest.mark.no_cover
def test_what_is_called_superseded_does_not_stand_for_a_thread_where_something_else_does(get, register):
    with act(actor="author", reason="it was given up for another"):
        judged = builders.assessment(
            register["both"], "superseded", [register["reported"]], effective="2031-02-01", obligor=register["north"]
        )
    approve(judged)
    assert card(get("parties/north/scorecard/"), "threads")["status"] == {"not_assessed": 1}
    assert card(get("parties/north/scorecard/?as_of=2031-01-31"), "threads")["status"] == {"fulfilled": 1}


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", sorted(codebook.codes("relation_kind")))
@pytest.mark.sample(0)
def test_only_relations_that_keep_to_one_undertaking_make_a_thread(get, register, kind):
    """South's border and what both agreed, joined by a relation of each kind."""
    with act(actor="author", reason="they belong together"):
        relation = link(register["both"], kind, register["border"])
    assert get("parties/south/scorecard/")["threads"]["count"] == 2  # a draft joins nothing
    before = renderers.instant(Entry.objects.latest("seq").at)
    approve(relation)
    joined = kind in {"reaffirms", "specifies", "extends", "supersedes", "same_as"}
    assert get("parties/south/scorecard/")["threads"]["count"] == (1 if joined else 2)
    assert get(f"parties/south/scorecard/?known_at={before}")["threads"]["count"] == 2
    assert get(f"commitments/{BORDER}/thread/")["commitments"] == (3 if joined else 1)
    assert joined == (kind in threads.KINDS)


@pytest.mark.no_cover
def test_what_is_retracted_neither_counts_nor_joins(get, register):
    def state(query=""):
        answer = get(f"parties/north/scorecard/{query}")
        return answer["threads"]["count"], answer["commitments"]["count"]

    approved = renderers.instant(Entry.objects.latest("seq").at)
    found = [state()]
    actions.retract(register["link"], by="approver", reason="They have nothing in common.")
    found.append(state())
    actions.retract(register["both"], by="approver", reason="It was never said.")
    found.append(state())
    assert found == [(1, 2), (2, 2), (1, 1)]
    assert state(f"?known_at={approved}") == (1, 2)
    assert get(f"commitments/{CONVOYS}/thread/")["commitments"] == 1
    assert get(f"commitments/{CONVOYS}/thread/?known_at={approved}")["commitments"] == 2


def test_a_relation_between_commitments_names_the_other_one_alone(register):
    """What threads rest on: the reference stands first among the names that a relation shows."""
    for relation in models.Publication.objects.of("relation"):
        body = relation.body_json
        assert relation.named == (
            [f"commitment.{body['target']['ref']}"]
            if body["target"]
            else [f"statement.{body['target_statement']['ref']}"]
        )


@pytest.fixture
def eight(register):
    """Eight undertakings on eight days, the odd ones South's, the others North's."""
    with act(actor="author", reason="eight rounds"):
        made = []
        for number in range(8):
            day = f"2031-01-0{number + 1}"
            said = builders.statement(f"round-{number}", [register["north"]], issued_words=day, issued_edtf=day)
            party = register["south" if number % 2 else "north"]
            made += [said, builders.commitment(said, [party], [register["undertaken"]], ref=f"round-{number}-1")]
    approve(*made)
    return made[1::2]


EDGES = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from(sorted(codebook.codes("relation_kind")))),
    max_size=9,
    unique_by=lambda edge: edge[:2],
).map(lambda edges: [edge for edge in edges if edge[0] > edge[1]])


@pytest.mark.no_cover
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=ENOUGH)
@given(edges=EDGES, last=st.integers(1, 8))
def test_threads_are_what_relations_join_and_each_has_one_that_stands_for_it(eight, client, edges, last):
    """Whatever the relations and the day; worked out again by joining one after the other."""
    groups = {number: {number} for number in range(last)}
    replaced = {older for newer, older, kind in edges if kind == "supersedes" and newer < last}
    for newer, older, kind in edges:
        if kind in threads.KINDS and newer < last:
            joined = groups[newer] | groups[older]
            groups |= dict.fromkeys(joined, joined)
    with builders.undone():
        with act(actor="author", reason="they belong together"):
            links = [link(eight[newer], kind, eight[older]) for newer, older, kind in edges]
        approve(*links)
        day = datetime.date(2031, 1, last)
        for number in range(last):
            assert set(threads.members(f"round-{number}-1", None, day)) == {
                f"round-{each}-1" for each in groups[number]
            }
        for first, party in enumerate(("north", "south")):
            owed = [[each for each in group if each % 2 == first] for group in set(map(frozenset, groups.values()))]
            standing = {max(group, key=lambda each: (each not in replaced, each)) for group in owed if group}
            shown = asked(client, f"commitments/?scorecard={party}&as_of={day}")
            found = {each["ref"] for each in shown["results"] if each["ref"].startswith("round-")}
            assert found == {f"round-{number}-1" for number in standing}
