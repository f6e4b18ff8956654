"""Facets and scorecards of the shipped record: every number is what its address counts, every thread what the relations make."""

import datetime
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import models, threads
from tests.questions import API, asked, card, held

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?as_of=2024-01-27&obligor=iraq",
        "?q=قوات&obligor=iraq",
        "?as_of=2021-12-31&status=in_progress,no_evidence&obligor=iraq,united-states&schedule=not_due,no_deadline",
        pytest.param(
            "?party=iraq&topic=military-presence,security-cooperation&strength=commits,agrees", marks=pytest.mark.prove
        ),
        pytest.param("?scorecard=united-states&obligor=united-states&contested=false", marks=pytest.mark.prove),
        "?statement=us-iraq-dialogue-first-session,us-iraq-dialogue-fourth-session&due_before=2022-01-01",
    ],
)
@pytest.mark.sample(0, 1)
def test_each_number_of_the_shipped_record_is_what_its_address_counts(shipped, client, query):
    assert held(client, asked(client, f"commitments/facets/{query}")) > 6


def some(name: str, values: list[str]):
    """No parameter, or some of its values."""
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)
    return st.one_of(st.just({}), st.builds(lambda found: {name: ",".join(found)}, chosen))


QUESTIONS = st.tuples(
    some("status", ["no_evidence", "not_assessed", "in_progress", "fulfilled"]),
    some("schedule", ["no_deadline", "overdue", "ongoing_duty"]),
    some("strength", ["commits", "agrees", "intends"]),
    some("obligor", ["iraq", "united-states"]),
    some("party", ["iraq", "united-states"]),
    some("as_of", ["2020-12-31"]) | some("as_of", ["2021-12-31"]) | some("as_of", ["2024-01-27"]),
).map(
    lambda parts: {name: value for part in parts for name, value in part.items() if "," not in value or name != "as_of"}
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300 if "PROVE" in os.environ else 15
)
@given(QUESTIONS)
@pytest.mark.prove
def test_what_a_question_names_of_a_facet_adds_up_to_what_it_finds(shipped, client, question):
    answer = client.get(f"{API}commitments/facets/", question).json()
    assert answer["count"] == client.get(f"{API}commitments/", question | {"page_size": "1"}).json()["count"]
    own = {"status", "schedule"} if "obligor" in question else set()  # each obligor has one of its own
    for name in {"status", "schedule", "strength", "statement"} - own:
        values = answer["facets"][name]["results"]
        assert sum(each["count"] for each in values if each["selected"] or name not in question) == answer["count"]


@pytest.mark.parametrize("query", ["", "?as_of=2021-12-31"])
@pytest.mark.parametrize("party", ["iraq", "united-states"])
@pytest.mark.sample(0, 1)
@pytest.mark.prove
def test_each_number_of_a_shipped_scorecard_is_what_its_address_counts(shipped, client, party, query):
    answer = asked(client, f"parties/{party}/scorecard/{query}")
    assert held(client, answer) > 15
    for side in ("threads", "commitments"):
        found = card(answer, side)
        assert found["count"] == sum(found["status"].values()) == sum(found["schedule"].values())
        assert found["count"] == found["judged"] + found["not_assessed"]
    assert answer["threads"]["count"] < answer["commitments"]["count"]


@pytest.mark.prove
def test_the_shipped_scorecards_count_the_threads_that_the_relations_make(shipped, client):
    """Worked out again, by joining one relation after the other."""
    rows = models.Publication.objects.known_at(None).standing()
    day = datetime.date(2024, 1, 27)
    groups = {ref: {ref} for ref in rows.of("commitment").values_list("record", flat=True)}
    for relation in rows.of("relation"):
        body = relation.body_json
        if body["target"] and body["kind"] in threads.KINDS:
            joined = groups[body["commitment"]] | groups[body["target"]["ref"]]
            groups |= dict.fromkeys(joined, joined)
    for party in ("iraq", "united-states"):
        owed = {
            each.record
            for each in rows.of("commitment")
            if {"ref": party, "role": "obligor"}
            in [{name: one[name] for name in ("ref", "role")} for one in each.body_json["parties"]]
        }
        expected = {frozenset(groups[ref]) for ref in owed}
        answer = asked(client, f"parties/{party}/scorecard/?as_of={day}")
        assert (answer["threads"]["count"], answer["commitments"]["count"]) == (len(expected), len(owed))
        shown = asked(client, answer["threads"]["url"] + "&page_size=200")["results"]
        assert {frozenset(groups[each["ref"]]) for each in shown} == expected
        for each in shown:
            if groups[each["ref"]] <= owed:  # then the thread's own answer names the same one
                told = asked(client, f"commitments/{each['ref']}/thread/?as_of={day}")
                assert told["latest"]["ref"] == each["ref"]
        for ref in sorted(owed):
            assert set(threads.members(ref, None, day)) == groups[ref]
