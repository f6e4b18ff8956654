"""The other formats of the whole shipped record say what its JSON says."""

import json

import pytest

from commitments.api import shapes
from tests.test_api import compare
from tests.test_formats import LINES, LIST, TABLE, body, expected, rows

pytestmark = [pytest.mark.django_db, pytest.mark.no_cover]


def test_the_table_of_the_whole_record_says_what_the_list_says(shipped, client):
    found = client.get(f"{LIST}?page_size=200").json()
    assert found["count"] == len(found["results"]) > 20
    assert rows(client, TABLE) == [expected(item) for item in found["results"]]


def test_the_lines_of_the_whole_record_are_the_lists_rows(shipped, client):
    found = client.get(f"{LIST}?page_size=200").json()["results"]
    assert [json.loads(line) for line in body(client.get(LINES)).splitlines()] == found


@pytest.mark.prove
def test_every_commitment_has_linked_data_of_its_component(shipped, client):
    for each in client.get(f"{LIST}?page_size=200&fields=title").json()["results"]:
        found = client.get(f"{each['url'][:-1]}.jsonld").json()
        compare(found | {"@context": []}, shapes.SCHEMAS["LinkedCommitment"], each["ref"])
        for annotation in found["annotations"]:
            source = annotation["target"]["source"]
            assert source.get("via") == client.get(source["id"]).json()["address"]
            quote, place = annotation["target"]["selector"]
            assert len(quote["exact"]) == place["end"] - place["start"]
