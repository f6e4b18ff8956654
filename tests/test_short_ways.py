"""The short ways to a list's rows, by one party, by versions or by words: each finds what a look through all commitments does."""

import datetime
from urllib.parse import quote

import pytest

from commitments.api import filters, pagination, parameters, views

DAYS = (datetime.date(2030, 6, 1), datetime.date(2040, 1, 1))

VERSIONS = (
    "topic=security",
    "strength=commits,intends&topic=security",
    "statement=talks-2030-05-04",
    "process=talks&document=gazette-2030-05-04",
    "q=القوافل",
    "q=north&strength=commits,intends",
    "q=1+January+2031",
    "q=nowhere",
)
QUESTIONS = [
    f"{role}={party}{more}&ordering={order}"
    for role in ("party", "obligor", "beneficiary")
    for party in ("north", "south", "nobody")
    for more in ("", "&status=fulfilled,in_progress,not_assessed", "&topic=security&strength=intends,commits")
    for order in ("due", "-due", "ref", "-ref", "statement")
] + [
    "obligor=south&schedule=no_deadline,overdue&ordering=due",
    "party=north&schedule=no_deadline,overdue&ordering=due",
    "party=north&obligor=south&ordering=due",
    "party=north,south&status=in_progress&ordering=due",
    "party=north&contested=true&due_before=2032-01-01&ordering=due",
    "party=north&scorecard=north&ordering=due",
    "party=north&thread=talks-2030-05-04-01&ordering=-due",
    *(f"{asked}&ordering={order}" for asked in VERSIONS for order in ("ref", "-ref", "statement", "due")),
]


@pytest.mark.parametrize("as_of", DAYS)
def test_short_ways_lead_to_what_a_look_through_all_commitments_finds(register, client, as_of):
    """The first way is the list's, page by page; the second one that of its count and of downloads."""
    several = 0
    for question in QUESTIONS:
        asked = parameters.read(filters.Commitments, quote(f"{question}&as_of={as_of}", safe="=&,+"))
        rows = asked.at(None, as_of, asked.form.cleaned_data).filter_queryset(views.standings(None, as_of))
        expected = [row.publication.record for row in pagination.ordered(rows, asked.order)[0]]
        address, found = f"/api/v1/commitments/?{question}&as_of={as_of}&page_size=1", []
        while address:
            page = client.get(address).json()
            assert page["count"] == len(expected), question
            found += [each["ref"] for each in page["results"]]
            address = page["next"]
        assert found == expected, question
        several += len(expected) > 1
    assert several > 20
