"""Reading and marking under load: pages that don't grow with the register, and one form sent twice at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commitments import actions, models
from commitments.admin import ways
from tests import builders
from tests.test_admin import Inputs, at, person
from tests.test_intake import GAZETTE, OPEN, filled, mark, opened, read

pytestmark = pytest.mark.no_cover  # tests/test_intake.py asks the same of a small register

DAY = "date '2030-01-01' + i % 700"
COMMITMENT = "'s-' || (i % {statement} + 1) || '-' || i"
QUOTE = "'d-' || (i % {document} + 1) || '.quote-' || i"
SIZES = {"statement": 20_000, "statementissuer": 20_000, "commitment": 100_000, "commitmentparty": 100_000,
         "document": 10_000, "quote": 100_000, "citation": 100_000}  # fmt: skip
DIFFER = {  # the columns in which the copies of a table's first row differ, i being the copy's number
    "statement": {"ref": "'s-' || i", "issued_edtf": f"({DAY})::text", "issued_earliest": DAY, "issued_latest": DAY},
    "statementissuer": {"ref": "'s-' || i || '.issuer-1'", "statement_id": "'s-' || i"},
    "commitment": {"ref": COMMITMENT, "statement_id": "'s-' || (i % {statement} + 1)"},
    "commitmentparty": {"ref": f"{COMMITMENT} || '.party-1'", "commitment_id": COMMITMENT},
    "document": {"ref": "'d-' || i", "sha256": "encode(sha256(i::text::bytea), 'hex')"},
    "quote": {"ref": QUOTE, "document_id": "'d-' || (i % {document} + 1)"},
    "citation": {"ref": f"{COMMITMENT} || '.citation-1'", "commitment_id": COMMITMENT, "quote_id": QUOTE},
}


def copy_rows(cursor, table, sizes):
    """Copies a table's first row as its owner, past the ledger: only the size counts here."""
    name, values = f"commitments_{table}", {column: sql.format(**sizes) for column, sql in DIFFER[table].items()}
    cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [name])
    columns = [column for (column,) in cursor.fetchall()]
    taken = ", ".join(values.get(column, f't."{column}"') for column in columns)
    into = ", ".join(f'"{column}"' for column in columns)
    first = f"(SELECT * FROM {name} ORDER BY 1 LIMIT 1) t, generate_series(1, {sizes[table]}) i"
    cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    cursor.execute(f"INSERT INTO {name} ({into}) SELECT {taken} FROM {first}")
    cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


@pytest.mark.parametrize("share", [pytest.param(1, marks=pytest.mark.prove), 1000])
def test_pages_of_intake_ask_at_most_20_queries_with_100000_commitments(published_database, share):
    document = published_database["document"]
    actions.attach(document, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    with connections["owner"].cursor() as cursor:
        for table in SIZES:
            copy_rows(cursor, table, {name: size // share for name, size in SIZES.items()})
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(person("curator", "curator"))
    pages = [
        at(models.Document, "change", document.pk),
        read(),
        read(words=OPEN),
        *(mark(OPEN, do=do) for do in ways.MODES),
    ]
    for page in pages:
        client.get(page)
        with CaptureQueriesContext(connection) as queries:
            body = client.get(page).content.decode()
        assert len(queries) <= 20, page
        assert body.count("<option") < 80, page


@pytest.mark.prove
def test_a_form_that_is_sent_several_times_at_once_makes_its_records_once(published_database):
    document = published_database["document"]
    actions.attach(document, builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    client = Client()
    client.force_login(person("curator", "curator"))
    sent = Inputs(client.get(mark(OPEN)).content.decode()).sent | filled() | {"commitment-ref": ""}

    def send(_time):
        other = Client()
        other.cookies = client.cookies
        try:
            return other.post(mark(OPEN), sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as hands:
        assert list(hands.map(send, range(4))) == [302] * 4
    made = models.Commitment.objects.exclude(pk="talks-2030-05-04-01").values_list("pk", flat=True)
    assert (list(made), models.Quote.objects.count()) == (["talks-2030-05-04-02"], 2)


@pytest.mark.prove
def test_many_who_mark_at_the_same_moment_get_a_reference_each(published_database):
    """Eight forms that propose the same reference, sent at once: no error, no number twice. (3 s)"""
    made = published_database
    actions.attach(made["document"], builders.TEXT.encode(), by="author", reason="attach", now=builders.NOW)
    passages = [builders.TEXT[n : n + 9] for n in range(0, 32, 4)]
    forms = [(*opened(f"curator-{n}", passage), mark(passage)) for n, passage in enumerate(passages)]
    assert {sent["commitment-ref"] for _browser, sent, _page in forms} == {"talks-2030-05-04-02"}

    def send_it(form):
        try:
            return form[0].post(form[2], form[1]).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send_it, forms)) == {302}
    assert models.Commitment.objects.count() == 9
    assert sorted(models.Quote.objects.values_list("ref", flat=True)) == [f"{GAZETTE}.quote-{n}" for n in range(1, 10)]
