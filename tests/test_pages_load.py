"""Page 1,000 of a hundred thousand rows: it reads hardly more than page 1, and no page is over 1 MiB."""

import json

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from commitments.api import pagination, versions, views
from commitments.models import Publication
from tests.test_search_load import MANY

DEEP, SIZE = 1_000, 50  # the page that is asked for, and its rows
MIB = 1024 * 1024
# Days of all kinds, and as many statements, which the timeline shows, too.
SPREAD = """
ALTER TABLE commitments_standing DISABLE TRIGGER USER;
UPDATE commitments_standing SET due_latest = date '2025-01-01' + hashtext(publication_id) % 3000;
ALTER TABLE commitments_standing ENABLE TRIGGER USER;
ALTER TABLE commitments_publication DISABLE TRIGGER USER;
INSERT INTO commitments_publication (ref, kind, record, version, class, reason, tombstone, emergency, body, detail, from_seq,
    commitment, statement, process, code, documents, parties, topics, named, first_day, last_day)
  SELECT 'statement.many-' || n || '.1', kind, 'many-' || n, 1, class, reason, tombstone, emergency, body, detail, from_seq,
    commitment, statement, process, code, documents, parties, topics, named, d, d
    FROM commitments_publication, generate_series(1, 100000) n, LATERAL (SELECT date '2025-01-01' + n * 7 % 3000) days (d)
    WHERE kind = 'statement' AND until_seq IS NULL;
ALTER TABLE commitments_publication ENABLE TRIGGER USER;
ANALYZE
"""
LISTS = {
    **{
        f"commitments/?ordering={order.name}": views.Commitments
        for order in views.Commitments.filterset_class.ORDERINGS[:5]
    },
    "commitments/?q=convoys&ordering=relevance": views.Commitments,
    **{f"statements/?ordering={order.name}": views.Statements for order in views.Statements.filterset_class.ORDERINGS},
    **{f"timeline/?ordering={order.name}": views.Timeline for order in views.Timeline.filterset_class.ORDERINGS},
}


def cost(client, address: str) -> int:
    """How many blocks of the database an answer reads: all its queries, as EXPLAIN counts them."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, response.content
    assert len(response.content) < MIB
    total = 0
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + query["sql"].replace("%", "%%"))
            ((found,),) = cursor.fetchall()
            plan = (found if isinstance(found, list) else json.loads(found))[0]["Plan"]
            total += sum(plan[f"{kind} Blocks"] for kind in ("Shared Hit", "Shared Read", "Temp Read"))
    return total


def place(client, path: str, view: type[views.Listing]) -> str:
    """The cursor of page 1,000, made of what stands before it; one walks there, which takes as many requests."""
    first = client.get(f"/api/v1/{path}&page_size={SIZE}").wsgi_request
    order = next(
        each for each in view.filterset_class.ORDERINGS if f"ordering={each.name}" in path.split("&")[-1].split("?")[-1]
    )
    made = view(basename="commitments")
    made.request, made.action = first, "list"
    made.filterset = views.parameters.read(view.filterset_class, first.META["QUERY_STRING"])
    made.asked = made.filterset.form.cleaned_data
    made.size = versions.ledger().size
    rows, names = pagination.ordered(made.questioned().filter_queryset(made.moment_rows()), order)
    last = rows.values_list(*names)[(DEEP - 1) * SIZE - 1]
    day = versions.today() if "as_of" in made.asked else None
    return str(pagination.Cursor(order.name, False, made.size, day, last))


@pytest.mark.prove
@pytest.mark.no_cover
def test_page_1000_reads_hardly_more_than_page_1_at_a_hundred_thousand(published_database, client, record_property):
    """About two minutes."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(MANY)
        cursor.execute(SPREAD)
    assert Publication.objects.count() > 200_000
    ratios = {}
    for path, view in LISTS.items():
        address = f"/api/v1/{path}&page_size={SIZE}"
        deep = f"{address}&cursor={place(client, path, view)}"
        assert len(client.get(deep).json()["results"]) == SIZE
        assert client.get(f"/api/v1/{path}&page_size=200").status_code == 200
        ratios[path] = cost(client, deep) / cost(client, address)
    assert {path: round(ratio, 2) for path, ratio in ratios.items() if ratio > 1.5} == {}
    worst = max(ratios.values())
    record_property(
        "checked",
        f"{len(ratios)} orders of 100,000 rows: page {DEEP} reads at most {worst:.2f} times what page 1 does.",
    )
