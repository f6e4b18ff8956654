"""Questions that are written and planned once: the same rows as if they were asked anew, whatever the values."""

import datetime

import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext

from commitments.api import counted, planned
from commitments.models import Publication
from tests import builders
from tracker.database.base import MOST

DAYS = (datetime.date(2030, 1, 1), datetime.date(2040, 1, 1))


@pytest.fixture(autouse=True)
def _forgotten():
    counted.forget()


def test_a_question_is_written_once_and_asked_with_each_value(db):
    made, written = builders.published(), []

    def build(ref, size, day):
        written.append(ref)
        rows = Publication.objects.known_at(size).filter(record=ref, from_seq__gt=-1, named__contains=[ref])
        return rows.exclude(last_day=day).values_list("kind", "record")

    refs = [made["statement"].pk, "nobody", made["north"].pk]
    found = [planned.rows("named", build, ref, None, day) for ref in refs for day in DAYS]
    assert len(written) == 1
    assert found == [list(build(ref, None, day)) for ref in refs for day in DAYS]
    planned.rows("named", build, "nobody", 1, DAYS[0])
    assert len(written) == 1 + len(found) + 1  # a size in the place of none is another question


@pytest.mark.parametrize("value", ["text", 5, 0.25, DAYS[0]])
def test_a_value_of_each_type_arrives_as_it_is(db, value):
    builders.published()

    def build(value):
        return Publication.objects.annotate(same=Value(value)).values_list("same")[:1]

    # Texts come as they are sent on.
    assert planned.rows("same", build, value) == [(value.encode() if value == "text" else value,)]


def test_a_question_that_nothing_can_answer_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert planned.rows("none", lambda ref: Publication.objects.filter(record__in=[]).values_list("ref"), "a") == []


def test_what_was_planned_is_told_in_the_log_of_queries(db):
    def build(ref):
        return Publication.objects.filter(record=ref).values_list("ref")

    with CaptureQueriesContext(connection) as queries:
        for _each in range(4):
            planned.rows("logged", build, "nobody")
    assert len(queries) == 4
    assert all('FROM "commitments_publication"' in each["sql"] for each in queries)


@pytest.fixture
def apart(db):
    """A connection outside of the test's transaction."""
    other = connection.copy()
    yield other
    other.close()


def test_outside_of_a_transaction_a_statement_is_planned_once_by_the_server(apart):
    day = datetime.date(2030, 1, 1)
    for number, word in ((1, "a"), (2, "100 %"), (2**40, "ا")):
        found = apart.planned(
            "SELECT %s::varchar, %s::text, %s::bigint, %s::date, '%%', NULL", [word, word, number, day]
        )
        assert found == [(word, word.encode(), number, day, b"%", None)]
    planned_there = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'planned%%' AND statement LIKE %s"
    ((many,),) = apart.planned(planned_there, ["SELECT $1::varchar%"])
    assert many == 2  # numbers of 16 and of 64 bits are of two types


def test_a_server_keeps_no_more_plans_than_it_is_told(apart):
    told = [apart.planned(f"SELECT {number}::int, %s::int", [1]) for number in [*range(MOST + 20), 0]]
    assert told == [[(number, 1)] for number in [*range(MOST + 20), 0]]
    assert apart.planned("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'planned%%'", []) == [(MOST,)]


def test_what_the_server_refuses_is_raised_as_by_any_cursor_and_the_connection_goes_on(apart):
    with pytest.raises(DataError, match="division by zero"):
        apart.planned("SELECT 1 / %s::int", [0])
    with pytest.raises(ProgrammingError, match="does not exist"):
        apart.planned("SELECT * FROM nothing", [])
    assert apart.planned("SELECT 4 / %s::int", [2]) == [(2,)]


def test_a_connection_that_is_lost_is_an_operational_error_and_another_one_is_made(apart, db):
    ((pid,),) = apart.planned("SELECT pg_backend_pid()", [])
    apart.health_check_done = True  # as in the middle of a request
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(OperationalError):
        apart.planned("SELECT 1", [])
    apart.close_if_unusable_or_obsolete()
    assert apart.planned("SELECT 1", []) == [(1,)]


def test_a_connection_that_was_closed_from_the_other_side_is_known_to_be_unusable(db):
    connection.ensure_connection()
    assert connection.is_usable()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    assert connection.is_usable()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert not connection.is_usable()
        with pytest.raises(OperationalError):
            connection.cursor().execute("SELECT 1")
    finally:
        other.close()
        connection.close()
    assert not connection.is_usable()
