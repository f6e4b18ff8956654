"""Facets: how the commitments of a question divide, each number held against its rows."""

import pytest
import time_machine

from commitments.api import facets, renderers
from tests.questions import API, counts, held, told
from tests.questions import get as get  # the fixture

pytestmark = pytest.mark.django_db


def test_facets_count_every_commitment_by_six_of_its_sides(get):
    assert told(get("commitments/facets/")) == {
        "status": {"not_assessed": 1, "in_progress": 1, "stalled": 1},
        "schedule": {"no_deadline": 1, "overdue": 2},
        "strength": {"commits": 1, "agrees": 1, "intends": 1},
        "party": {"north": 3, "south": 3},
        "topic": {"diplomatic-relations": 2, "security": 2},
        "statement": {"talks-2030-05-04": 2, "talks-2030-11-10": 1},
    }


def test_whatever_a_question_holds_a_values_address_asks_it_with_that_value(get):
    for query in ("q=2030~", "q=%25007E+~*", "topic=security&q=2030-05~"):
        shown = get(f"commitments/facets/?{query}")["facets"]
        for name, facet in shown.items():
            for each in facet["results"]:
                assert get(each["url"].removeprefix(f"http://testserver{API}"))["count"] == each["count"], (name, each)


def test_a_value_has_its_name_in_both_languages_and_the_list_of_its_rows(get):
    answer = get("commitments/facets/?topic=security&as_of=2031-06-01")
    assert {name: answer[name] for name in ("as_of", "known_at", "count", "url")} == {
        "as_of": "2031-06-01",
        "known_at": None,
        "count": 2,
        "url": f"http://testserver{API}commitments/?topic=security&as_of=2031-06-01",
    }
    assert answer["facets"]["topic"] == {
        "values": 2,
        "results": [
            {
                "value": "diplomatic-relations",
                "label": {"en": "Diplomatic relations", "ar": "العلاقات"},
                "count": 2,
                "selected": False,
                "url": f"http://testserver{API}commitments/?topic=diplomatic-relations&as_of=2031-06-01",
            },
            {
                "value": "security",
                "label": {"en": "Security", "ar": "الأمن"},
                "count": 2,
                "selected": True,
                "url": f"http://testserver{API}commitments/?topic=security&as_of=2031-06-01",
            },
        ],
    }
    assert answer["facets"]["status"]["results"][0]["label"] == {"en": "Not assessed", "ar": "لم يُقيَّم"}
    assert answer["facets"]["statement"]["results"][0]["label"] == {
        "en": "Joint statement of North and South",
        "ar": "بيان مشترك",
    }


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("status=stalled", {"not_assessed": 1, "in_progress": 1, "stalled": 1}),
        ("status=stalled&strength=agrees", {"stalled": 1}),
        ("topic=security", {"not_assessed": 1, "in_progress": 1}),
        ("obligor=north", {"not_assessed": 1, "fulfilled": 1}),
        ("obligor=north,south", {"not_assessed": 1, "in_progress": 1, "stalled": 1, "fulfilled": 1}),
        ("obligor=north,south&schedule=overdue", {"not_assessed": 1, "stalled": 1}),
        ("as_of=2030-06-01", {"not_assessed": 3}),
        ("known_at=2020-01-01", {}),
        ("party=nobody", {}),
        ("scorecard=north&obligor=north", {"fulfilled": 1}),
    ],
)
@pytest.mark.sample(0)
@pytest.mark.no_cover
def test_statuses_of_a_question_leave_its_own_statuses_out_and_heed_all_else(get, client, query, status):
    answer = get(f"commitments/facets/?{query}")
    assert counts(answer["facets"]["status"]["results"]) == status
    held(client, answer)


def test_a_facet_lists_its_commonest_values_and_says_how_many_there_are(get, register, monkeypatch):
    monkeypatch.setattr(facets, "MOST", 1)
    statements = get("commitments/facets/")["facets"]["statement"]
    assert (statements["values"], counts(statements["results"])) == (2, {"talks-2030-05-04": 2})
    monkeypatch.setattr(facets, "MOST", 50)
    monkeypatch.setattr(renderers, "FULL", 1800)  # 300 for each facet
    statements = get("commitments/facets/")["facets"]["statement"]
    assert (statements["values"], counts(statements["results"])) == (2, {"talks-2030-05-04": 2})


@pytest.mark.no_cover
def test_at_midnight_utc_facets_count_one_more_as_overdue(client, register):
    found = []
    for moment in ("2031-03-01T23:59:59Z", "2031-03-02T00:00:00Z"):
        with time_machine.travel(moment, tick=False):
            response = client.get(f"{API}commitments/facets/")
            found.append((told(response.json())["schedule"], response["ETag"]))
    assert [schedule for schedule, _tag in found] == [
        {"no_deadline": 1, "not_due": 1, "overdue": 1},
        {"no_deadline": 1, "overdue": 2},
    ]
    assert found[0][1] != found[1][1]
