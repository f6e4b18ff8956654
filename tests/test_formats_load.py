"""A hundred thousand commitments in one download: one query, every row once, in the memory of one batch."""

import resource

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from tests.test_search_load import MANY

ROOM = 32_000  # KiB that a download may add to what the process holds; the whole list has several times as many


@pytest.mark.prove
@pytest.mark.parametrize("name", ["commitments.jsonl", "commitments.csv"])
def test_a_download_of_a_hundred_thousand_commitments_takes_no_more_memory(
    published_database, client, record_property, name
):
    with connections["owner"].cursor() as cursor:
        cursor.execute(MANY)
    b"".join(client.get(f"/api/v1/{name}?obligor=nobody"))  # what is loaded once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size, lines, many = 0, 0, 0
    with CaptureQueriesContext(connection) as queries:
        for batch in client.get(f"/api/v1/{name}"):
            size, lines, many = size + len(batch), lines + batch.count(b"\n"), many + batch.count(b"/many-")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (many, len(queries)) == (100_000, 4)
    assert lines == 100_001 + name.endswith("csv")
    assert grown < ROOM < size // 1024
    record_property("checked", f"{name}: 100,000 commitments, {size // 1_000_000} MB, {grown // 1000} MB more held.")
