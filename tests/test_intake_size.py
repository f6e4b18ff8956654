"""Reading and marking at full size: what a page asks of the database doesn't grow with it."""

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commitments import actions, models
from commitments.admin import marking
from tests import builders
from tests.test_admin import at, person
from tests.test_intake import OPEN, mark, read

pytestmark = pytest.mark.no_cover  # tests/test_intake.py asks the same of a small register

STATEMENT, COMMITMENT = "'s-' || (i % 20000 + 1)", "'s-' || (i % 20000 + 1) || '-' || i"
QUOTE = "'d-' || (i % 10000 + 1) || '.quote-' || i"
DAY = "date '2030-01-01' + i % 700"
COPIES = {  # table: how many copies of its first row, and which columns differ, i being the copy's number
    "statement": (20_000, {"ref": "'s-' || i", "issued_edtf": f"({DAY})::text", "issued_earliest": DAY, "issued_latest": DAY}),
    "statementissuer": (20_000, {"ref": "'s-' || i || '.issuer-1'", "statement_id": "'s-' || i"}),
    "commitment": (100_000, {"ref": COMMITMENT, "statement_id": STATEMENT}),
    "commitmentparty": (100_000, {"ref": f"{COMMITMENT} || '.party-1'", "commitment_id": COMMITMENT}),
    "document": (10_000, {"ref": "'d-' || i", "sha256": "encode(sha256(i::text::bytea), 'hex')"}),
    "quote": (100_000, {"ref": QUOTE, "document_id": "'d-' || (i % 10000 + 1)"}),
    "citation": (100_000, {"ref": f"{COMMITMENT} || '.citation-1'", "commitment_id": COMMITMENT, "quote_id": QUOTE}),
}  # fmt: skip


def copy_rows(cursor, table, share):
    """Copies a table's first row as its owner, past the ledger: only the size counts here."""
    copies, values = COPIES[table]
    name = f"commitments_{table}"
    cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [name])
    columns = [column for (column,) in cursor.fetchall()]
    taken = ", ".join(values.get(column, f't."{column}"') for column in columns)
    into = ", ".join(f'"{column}"' for column in columns)
    first = f"(SELECT * FROM {name} ORDER BY 1 LIMIT 1) t, generate_series(1, {copies // share}) i"
    cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    cursor.execute(f"INSERT INTO {name} ({into}) SELECT {taken} FROM {first}")
    cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


@pytest.mark.parametrize("share", [pytest.param(1, marks=pytest.mark.prove), 1000])
def test_pages_of_intake_ask_at_most_20_queries_with_100000_commitments(published_database, share):
    document = published_database["document"]
    actions.attach(document, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with connections["owner"].cursor() as cursor:
        for table in COPIES:
            copy_rows(cursor, table, share)
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(person("curator", "curator"))
    pages = [
        at(models.Document, "change", document.pk),
        read(),
        read(words=OPEN),
        *(mark(OPEN, do=do) for do in marking.MODES),
    ]
    for page in pages:
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            body = client.get(page).content.decode()
        assert len(queries) <= 20, page
        assert body.count("<option") < 80, page
