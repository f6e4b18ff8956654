"""A question that comes again is answered as before: the same bytes and headers, never stale, by the same limits."""

import dataclasses
import io
import itertools
import json
import logging
import os
import re
import threading
import time
import types
from urllib.parse import quote

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction

from commitments import actions
from commitments.api import again, errors, limits, versions
from commitments.ledger import ANNOUNCED, LEASE, Announce, act
from commitments.models import Entry
from tests import builders
from tests.conftest import _connect, _own
from tests.questions import approve
from tracker.database.base import DatabaseWrapper
from tracker.wsgi import application

LIST, WORD = "/api/v1/commitments/", quote("العراق")
KINDS = (
    "commitments",
    "statements",
    "documents",
    "parties",
    "topics",
    "assessments",
    "quotes",
    "relations",
    "processes",
)
ADDRESSES = [
    *(f"/api/v1/{kind}/" for kind in KINDS),
    *(f"/api/v1/{kind}/?page_size=2" for kind in KINDS),
    *(
        f"{LIST}?{query}"
        for query in ("lang=ar", "as_of=2021-06-01", "fields=title,status", "ordering=-ref&page_size=3")
    ),
    *(f"{LIST}?{query}" for query in ("ordering=due&obligor=iraq", f"q={WORD}", f"q={WORD}&page_size=1")),
]
NOT_AGAIN = [  # what takes more than one statement, and what is no list or record
    *(
        f"{LIST}?{query}"
        for query in (f"q={WORD}&ordering=relevance", f"q={WORD}&matches=true", "status=fulfilled&topic=none")
    ),
    *("/api/v1/timeline/", f"{LIST}facets/", "/api/v1/changes/", "/api/v1/vocabularies/", "/api/v1/", "/livez"),
]


def asked(path, query="", method="GET", **environ):
    """(Status, {header: value}, body) of one answer of the WSGI application."""
    told = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "REMOTE_ADDR": "192.0.2.7",
        "SCRIPT_NAME": "",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }
    found = []
    answer = application(told | environ, lambda status, headers, *error: found.append((status, headers)))
    body = b"".join(answer)
    getattr(answer, "close", int)()
    (status, headers) = found[0]
    headers = {name.lower(): value for name, value in headers}
    assert len(headers) == len(found[0][1])  # none is there twice
    return status, headers, body


class All(dict):
    """Has every key."""

    def __contains__(self, key):
        return True


@pytest.fixture
def longway(monkeypatch):
    """Which requests went the way of all; each question is as if it had come once before."""
    went, ask = [], application.ask
    monkeypatch.setattr(application, "seen", All())

    def noted(environ, start_response):
        went.append(environ["PATH_INFO"])
        return ask(environ, start_response)

    monkeypatch.setattr(application, "ask", noted)
    return went


def own(answer):
    """An answer without what is each one's own."""
    status, headers, body = answer
    return status, {name: value for name, value in headers.items() if name != "x-request-id"}, body


def split(address):
    path, _mark, query = address.partition("?")
    return path, query


def places(address):
    """The addresses of a list, of the page after it, and of its first record, as far as there are some."""
    yield address
    found = json.loads(asked(*split(address))[2])
    for each in (found.get("next"), *(row["url"] for row in found["results"][:1])):
        if each:
            yield each.removeprefix("http://127.0.0.1:8000")
    if found.get("next"):
        before = json.loads(asked(*split(found["next"].removeprefix("http://127.0.0.1:8000")))[2])["previous"]
        yield before.removeprefix("http://127.0.0.1:8000")


def test_what_was_asked_before_is_answered_by_one_statement_with_the_same_bytes_and_headers(shipped, longway):
    """Lists, pages on and back, and records, in each coding; a 304, too."""
    compared = 0
    for address in itertools.chain.from_iterable(map(places, ADDRESSES)):
        for coding in ("", "br", "gzip, deflate"):
            more = {"HTTP_ACCEPT_ENCODING": coding} if coding else {}
            first = asked(*split(address), **more)
            longway.clear()
            for _time in range(3):  # by keys, and then at their places
                assert own(asked(*split(address), **more)) == own(first), address
            for tag in (first[1]["etag"], f"W/{first[1]['etag'].removeprefix('W/')}"):
                short = asked(*split(address), **more, HTTP_IF_NONE_MATCH=tag)
                assert own(asked(*split(address), **more, HTTP_IF_NONE_MATCH=tag)) == own(short), address
                assert (short[0], short[1]["etag"], short[2]) == ("304 Not Modified", tag, b"")
            assert len(longway) <= 1, address  # the first 304
            compared += 1
    assert compared > 150


def test_a_page_that_nobody_asked_for_before_is_one_statement_wherever_it_is(shipped, statements):
    address = f"{LIST}?page_size=2"
    asked(*split(address))  # the total is known from here on
    for _page in range(4):
        application.known.clear()
        statements.clear()
        address = json.loads(asked(*split(address))[2])["next"].removeprefix("http://127.0.0.1:8000")
        assert len(statements) == 1


def test_each_record_of_the_register_is_answered_again_as_before_with_the_relations_that_lead_to_it(shipped, longway):
    leading = 0
    for row in json.loads(asked(LIST, "page_size=200&fields=title")[2])["results"]:
        path = row["url"].removeprefix("http://127.0.0.1:8000")
        first = asked(path)
        longway.clear()
        assert own(asked(path)) == own(first)
        assert longway == []
        leading += bool(json.loads(first[2])["incoming_relations"])
    assert leading > 3


def test_what_is_more_than_texts_goes_the_way_of_all(shipped, longway):
    for address in NOT_AGAIN:
        first = asked(*split(address))
        assert own(asked(*split(address))) == own(first)
        assert longway[-2:] == [split(address)[0]] * 2


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [
        ("HEAD", {}, "200 OK"),
        ("POST", {}, "405 Method Not Allowed"),
        ("GET", {"CONTENT_LENGTH": "2", "CONTENT_TYPE": "text/plain"}, "415 Unsupported Media Type"),
        ("GET", {"HTTP_TRANSFER_ENCODING": "chunked"}, "415 Unsupported Media Type"),
        ("GET", {"HTTP_IF_MATCH": '"other"'}, "412 Precondition Failed"),
        ("GET", {"HTTP_IF_NONE_MATCH": '"other"'}, "200 OK"),
        ("GET", {"HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"}, "304 Not Modified"),
        ("GET", {"HTTP_ACCEPT": "application/xml"}, "406 Not Acceptable"),
        ("GET", {"HTTP_HOST": "elsewhere"}, "400 Bad Request"),
        ("GET", {"HTTP_X_LONG": "x" * limits.LONGEST_HEADERS}, "431 Request Header Fields Too Large"),
    ],
)
def test_a_request_out_of_the_ordinary_goes_the_way_of_all(shipped, longway, method, more, status):
    asked(LIST)
    asked(LIST)
    assert longway == [LIST]
    assert asked(LIST, method=method, **more)[0] == status
    assert longway == [LIST] * 2


def title(commitment, text):
    with act(actor="author", reason="a better title"):
        commitment.title = {"en": text, "ar": text}
        commitment.save()


def test_no_answer_is_older_than_what_is_public(published_database, longway):
    commitment = published_database["commitment"]
    with time_machine.travel("2040-05-04T12:00:00Z", tick=False):  # what was made this very second isn't remembered
        never_older(commitment, longway)


def never_older(commitment, longway):
    detail = f"{LIST}{commitment.pk}/"
    before = {path: [asked(path), asked(path)][1] for path in (LIST, detail, f"{LIST}facets/")}
    title(commitment, "a draft")
    longway.clear()
    for path in (LIST, detail):
        assert own(asked(path)) == own(before[path])
    assert longway == []  # a draft is nobody's but the desk's
    approve(commitment)
    for path, (_status, headers, body) in before.items():
        after = asked(path, HTTP_IF_NONE_MATCH=headers["etag"])
        assert (after[0], after[1]["etag"] == headers["etag"]) == ("200 OK", False)
        assert (after[2] == body) is (path not in (LIST, detail))
        assert own(asked(path)) == own(asked(path))
    actions.retract(commitment, by="approver", reason="it was never said")
    assert asked(detail)[0] == "410 Gone"
    assert json.loads(asked(LIST)[2])["count"] == 0


def test_versions_that_share_standings_and_who_is_judged_apart_are_told_again_as_they_are(published_database, longway):
    """Now, and as known before each change."""
    commitment, north = published_database["commitment"], published_database["north"]
    with time_machine.travel("2040-05-04T12:00:00Z", tick=False):
        told, before = set(), []
        for change in ("none", "name", "judged", "name"):
            if change == "name":
                with act(actor="author", reason="as they are called now"):
                    north.name = {"en": north.name["en"] + "land"}
                    north.save()
                approve(north)
            if change == "judged":
                with act(actor="author", reason="judged apart"):
                    approved = builders.assessment(commitment, "stalled", obligor=north)
                approve(approved)
            before.append(quote(Entry.objects.latest("seq").at.isoformat()))
            for known in ("", *(f"&known_at={instant}" for instant in before)):
                for asking in ("ordering=ref", "party=north&ordering=due", f"q={north.name['en'][:5]}*", "page_size=1"):
                    first = asked(LIST, asking + known)
                    asked(LIST, asking + known)
                    asked(LIST, asking + known)
                    longway.clear()
                    assert own(asked(LIST, asking + known)) == own(first), (change, asking, known)
                    assert longway == []
                    told.add(json.dumps(json.loads(first[2])["results"]))
        assert len(told) == 4  # each state is another


@pytest.mark.parametrize("before", [0, 1])  # by keys, and at their places
def test_standings_that_were_made_anew_are_no_others(published_database, longway, before):
    """As where a database is restored from a bundle under a server: their numbers are of other days then."""
    with time_machine.travel("2040-05-04T12:00:00Z", tick=False):
        first = asked(LIST)
        for _time in range(before):
            asked(LIST)
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE commitments_standing DISABLE TRIGGER USER")
            cursor.execute("SELECT min(id) + max(id) FROM commitments_standing WHERE party = ''")
            (both,) = cursor.fetchone()
            cursor.execute("UPDATE commitments_standing SET id = -id")
            cursor.execute("UPDATE commitments_standing SET id = %s + id WHERE party = ''", [both])
            cursor.execute("ALTER TABLE commitments_standing ENABLE TRIGGER USER")
        longway.clear()
        assert own(asked(LIST)) == own(first)
        assert longway == [LIST]


def test_rows_that_lie_elsewhere_are_found_there(published_database, longway):
    """As once a table was written anew, to take less room."""
    with time_machine.travel("2040-05-04T12:00:00Z", tick=False):
        first = asked(LIST)
        asked(LIST)
        with connections["owner"].cursor() as cursor:
            for table in ("publication", "standing"):
                cursor.execute(f"SELECT ctid::text FROM commitments_{table} ORDER BY ctid")
                were = cursor.fetchall()
                cursor.execute(f"ALTER TABLE commitments_{table} DISABLE TRIGGER USER")
                cursor.execute(f"UPDATE commitments_{table} SET body = body")  # and no row lies where it lay
                cursor.execute(f"ALTER TABLE commitments_{table} ENABLE TRIGGER USER")
                cursor.execute(f"SELECT ctid::text FROM commitments_{table} ORDER BY ctid")
                assert not {*were} & {*cursor.fetchall()}
        longway.clear()
        assert own(asked(LIST)) == own(first)
        with connections["owner"].cursor() as cursor:
            for table in ("publication", "standing"):
                cursor.execute(f"VACUUM FULL commitments_{table}")  # and others may lie where they lay
        assert own(asked(LIST)) == own(first)
        assert longway == []


def test_a_day_ends_for_all(published_database, longway):
    """In the last minute of a UTC day a shared cache may keep an answer for less than a minute; then it is another's."""
    with time_machine.travel("2040-05-04T23:58:30Z", tick=False) as clock:
        first = asked(LIST)
        assert own(asked(LIST)) == own(first)
        assert len(longway) == 1
        clock.move_to("2040-05-04T23:59:30Z")
        assert asked(LIST)[1]["cache-control"] == "public, max-age=0, s-maxage=30"
        clock.move_to("2040-05-05T00:00:00Z")
        assert asked(LIST)[1]["etag"] != first[1]["etag"]
        assert len(longway) == 3


def test_nothing_is_remembered_while_the_same_second_may_bring_another_change(published_database, longway):
    with time_machine.travel(max(versions.built(), versions.ledger().at), tick=False):
        assert "last-modified" not in asked(LIST)[1]
        asked(LIST)
        assert longway == [LIST] * 2


def test_the_limits_are_those_of_all(shipped, longway, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("TRACKER_DATA_DIR", str(tmp_path))
    asked(LIST)
    settings.RATE_LIMIT = 3
    told = [asked(LIST) for _each in range(4)]
    assert [answer[1]["ratelimit"].split(";")[1] for answer in told[:3]] == ["r=2", "r=1", "r=0"]
    assert told[0][1]["ratelimit-policy"] == '"minute";q=3;w=60'
    assert longway == [LIST] * 2  # the first one, and who came too often


def test_where_no_seat_is_free_it_is_waited_for_as_by_all(shipped, longway, monkeypatch):
    monkeypatch.setattr(limits, "WAIT", 0.01)
    asked(LIST)
    seats = next(iter(application.known.values())).seats
    taken = list(itertools.takewhile(bool, (seats.take() for _each in range(100))))
    try:
        assert asked(LIST)[0] == "503 Service Unavailable"
    finally:
        for _each in taken:
            seats.leave()
    longway.clear()
    assert asked(LIST)[0] == "200 OK"
    assert longway == []


def known_with(sql, body=None):
    """The one question that is known, as if its texts were read by this statement and made so."""
    known = next(iter(application.known.values()))
    texts = again.Texts(sql, [], body or known.said.texts.body)
    known.said = dataclasses.replace(known.said, texts=texts)
    return known


def failing(rows):
    raise ValueError("subsection not found")


@pytest.mark.parametrize(
    ("sql", "body"),
    [
        ("SELECT 1/0", None),
        ("SELECT 1, ''::text", None),
        ("SELECT NULL::text, NULL::text, {last}", None),  # a row that was made anew under another key
        ("SELECT {last}", failing),
    ],
)
def test_what_the_short_way_fails_at_the_way_of_all_does(shipped, longway, sql, body):
    asked(LIST)
    known_with(sql.format(last="'%s'::text" % known_with("").said.last.decode()), body)  # noqa: UP031
    longway.clear()
    assert asked(LIST)[0] == "200 OK"
    assert longway == [LIST]


def test_a_question_that_the_database_gave_up_is_not_asked_twice(shipped, longway, caplog):
    caplog.set_level(logging.INFO, "tracker.requests")
    asked(LIST)
    known_with("SELECT pg_sleep(5), ''::text")
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 50")
    try:
        status, headers, body = asked(LIST)
    finally:
        connection.close()
    assert (status, headers["retry-after"]) == ("503 Service Unavailable", "5")
    assert json.loads(body)["detail"] == errors.GIVEN_UP["57014"]
    (line,) = [
        record.told for record in caplog.records if record.name == "tracker.requests" and record.told["status"] == 503
    ]
    assert line["ms"] >= 50
    assert asked(LIST)[0] == "200 OK"


def test_what_comes_once_takes_no_place(shipped, longway, monkeypatch):
    """Who asks for a thousand things in turn drives nothing out."""
    monkeypatch.setattr(application, "seen", {})
    monkeypatch.setattr(again, "SEEN", 2)
    for _each in range(3):
        asked(LIST)
    assert longway == [LIST] * 2
    for size in (1, 2, 3, 1, 2, 3):
        asked(LIST, f"page_size={size}")
    assert (len(application.known), len(application.seen)) == (1, 2)
    asked(LIST)
    assert len(longway) == 8


def test_a_long_question_is_not_remembered(shipped, longway):
    for name in ("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ORIGIN"):
        for _each in range(2):
            assert asked(LIST, "page_size=1", **{name: "*/*, " + "x/y, " * 200})[0] == "200 OK"
    assert len(longway) == 6
    assert not application.known


def test_below_a_prefix_addresses_and_the_line_of_the_log_are_those_of_the_prefix(shipped, longway, caplog):
    caplog.set_level(logging.INFO, "tracker.requests")
    ref = json.loads(asked(LIST, "page_size=1")[2])["results"][0]["ref"]
    first = asked(f"{LIST}{ref}/", SCRIPT_NAME="/tracker")
    asked("/livez")  # in the same thread, at the root
    longway.clear()
    assert own(asked(f"{LIST}{ref}/", SCRIPT_NAME="/tracker")) == own(first)
    assert longway == []
    assert json.loads(first[2])["url"] == f"http://127.0.0.1:8000/tracker{LIST}{ref}/"
    assert caplog.records[-1].told["path"] == f"/tracker{LIST}{ref}/"


def test_another_register_of_the_same_length_is_another(owner_dsn, published_template, published_database, longway):
    with time_machine.travel("2040-05-04T12:00:00Z", tick=False):
        title(published_database["commitment"], "zebra crossing")
        approve(published_database["commitment"])
        for _each in range(2):
            assert json.loads(asked(LIST, "q=zebra")[2])["count"] == 1
        with _own(owner_dsn, published_template, f"tracker_restored_{os.getpid()}"):
            commitment = builders.published_before()["commitment"]
            title(commitment, "another thing")
            approve(commitment)
            assert json.loads(asked(LIST, "q=zebra")[2]) == {"count": 0, "next": None, "previous": None, "results": []}


def test_who_asks_with_an_outdated_tag_takes_nothing_from_others(shipped, longway):
    ref = json.loads(asked(LIST, "page_size=1")[2])["results"][0]["ref"]
    first = asked(f"{LIST}{ref}/")
    assert asked(f"{LIST}{ref}/", HTTP_IF_NONE_MATCH='"outdated"')[0] == "200 OK"
    longway.clear()
    assert own(asked(f"{LIST}{ref}/")) == own(first)
    assert longway == []


def test_the_line_of_the_log_is_the_one_of_all(shipped, longway, caplog):
    caplog.set_level(logging.INFO, "tracker.requests")
    more = {"HTTP_X_REQUEST_ID": "given-by-a-client", "HTTP_ACCEPT_ENCODING": "br"}
    answers = [asked(LIST, f"q={WORD}", **more) for _each in range(2)]
    assert [answer[1]["x-request-id"] for answer in answers] == ["given-by-a-client"] * 2
    one, other = (dict(record.told) for record in caplog.records if record.name == "tracker.requests")
    assert one.pop("request_id") != other.pop("request_id")
    assert one.pop("ms") > 0 <= other.pop("ms")
    assert one == other
    assert one["path"] == LIST
    assert len(longway) == 1


def test_no_more_is_remembered_than_fits(shipped, longway, monkeypatch):
    monkeypatch.setattr(again, "KEPT", 2)
    for query in ("page_size=1", "page_size=2", "page_size=3", "page_size=1"):
        asked(LIST, query)
    assert len(longway) == 4
    assert len(application.known) == 2
    asked(LIST, "page_size=4&q=" + "x" * again.LONGEST)
    assert len(application.known) == 2


def test_behind_a_proxy_what_it_says_is_part_of_the_question(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.USE_X_FORWARDED_HOST = True
    asked_ = again.Again(None).asked
    assert {"HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"} <= set(asked_)
    assert "HTTP_X_FORWARDED_PORT" not in asked_


LAST = "which is the last public entry"


@pytest.fixture
def statements(monkeypatch):
    """The planned statements that were asked for, or LAST."""
    told, planned = [], DatabaseWrapper.planned

    def noted(self, sql, values):
        told.append(LAST if sql == versions.last_asked()[0] else sql)
        return planned(self, sql, values)

    monkeypatch.setattr(DatabaseWrapper, "planned", noted)
    return told


@pytest.fixture
def clock(monkeypatch):
    """The clock of leases, `now`, which goes on by `each` with every planned statement."""
    found, planned = types.SimpleNamespace(now=1000.0, each=0.0), DatabaseWrapper.planned

    def taking(self, sql, values):
        found.now += found.each
        return planned(self, sql, values)

    monkeypatch.setattr(versions.time, "monotonic", lambda: found.now)
    monkeypatch.setattr(DatabaseWrapper, "planned", taking)
    return found


@pytest.fixture
def same(published_database, longway):
    """Asks whether a list is still the same, and is told that it is."""
    with time_machine.travel("2040-05-04T12:00:00Z", tick=False):
        tag = asked(LIST)[1]["etag"]
        first = asked(LIST, HTTP_IF_NONE_MATCH=tag)
        longway.clear()

        def ask():
            assert own(asked(LIST, HTTP_IF_NONE_MATCH=tag)) == own(first)
            assert longway == []

        yield ask


def told(ask, clock, statements, waits):
    """What is asked of the database each time, so many seconds after the time before."""
    for later in waits:
        clock.now += later
        statements.clear()
        ask()
        yield [*statements]


def test_while_many_ask_whether_it_is_still_the_same_one_question_holds_for_all_of_a_lease(same, clock, statements):
    waits = [10, LEASE / 2, 0, LEASE * 0.99, LEASE * 0.02, LEASE * 0.9, LEASE * 3]
    alone, renewed, leased = [LAST], [versions.LEASED, LAST], []
    expected = [alone, renewed, leased, leased, renewed, leased, alone]
    assert list(told(same, clock, statements, waits)) == expected


def test_a_lease_begins_with_the_first_of_its_two_questions(same, clock, statements):
    clock.each = LEASE * 0.4
    assert list(told(same, clock, statements, [10, 0, LEASE * 0.19, LEASE * 0.02]))[1:] == [
        [versions.LEASED, LAST],
        [],
        [versions.LEASED, LAST],
    ]


def test_where_no_lease_can_be_had_each_asks_its_one_question(same, clock, statements, owner_dsn):
    """The database is so far away that a lease is over first, or a change is announced: it is tried again from time to time."""
    renewed, alone = [versions.LEASED, LAST], [LAST]
    clock.each = LEASE * 0.6
    assert list(told(same, clock, statements, [10, 0, 0, 0, 0, LEASE])) == [
        alone,
        renewed,
        alone,
        alone,
        alone,
        renewed,
    ]
    clock.each = 0
    with _connect(owner_dsn, settings.DATABASES["owner"]["NAME"]) as other, other.transaction():
        other.execute("LOCK TABLE commitments_publication IN ROW EXCLUSIVE MODE")
        waits = [10, 0, 0, LEASE, LEASE * 1.1]
        assert list(told(same, clock, statements, waits)) == [alone, renewed, alone, alone, renewed]
    assert list(told(same, clock, statements, [LEASE, LEASE * 1.1, 0])) == [alone, renewed, []]


def test_while_one_renews_it_others_ask_for_themselves(same, clock, statements):
    same()
    with application.lease.renewing:
        assert list(told(same, clock, statements, [0, 0])) == [[LAST], [LAST]]
    assert list(told(same, clock, statements, [0, 0])) == [[versions.LEASED, LAST], []]


def test_a_lease_is_for_what_is_asked_without_texts_alone(same, clock, statements):
    for _each in range(3):
        same()
    statements.clear()
    assert asked(LIST)[0] == "200 OK"
    assert len(statements) == 1


def leased():
    ((seconds,),) = connection.planned(versions.LEASED, ())
    return seconds


@pytest.mark.parametrize("table", [*ANNOUNCED, None])
@pytest.mark.parametrize("mode", ["ROW EXCLUSIVE", "ACCESS EXCLUSIVE", "ACCESS SHARE", "SHARE UPDATE EXCLUSIVE"])
def test_while_a_change_is_announced_nobody_has_a_lease(owner_dsn, published_database, table, mode):
    """Whoever puts rows in, or empties a table, has one of the first two locks; readers and upkeep have the others."""
    with _connect(owner_dsn, settings.DATABASES["owner"]["NAME"]) as other, other.transaction():
        other.execute(f"LOCK TABLE {table or 'commitments_topic'} IN {mode} MODE")
        announced = table is not None and mode in ("ROW EXCLUSIVE", "ACCESS EXCLUSIVE")
        assert leased() == (0 if announced else LEASE)
    assert leased() == LEASE


def test_another_database_of_the_cluster_announces_nothing_here(owner_dsn, published_template, published_database):
    """Tables of a copied database have the same numbers."""
    with _connect(owner_dsn, published_template) as other, other.transaction():
        other.execute("LOCK TABLE commitments_publication IN ROW EXCLUSIVE MODE")
        assert leased() == LEASE


def test_all_that_makes_another_entry_the_last_public_one_is_announced_first(published_database):
    """Before any trigger that might lock the ledger, since others would wait for it meanwhile."""
    announced = {
        model._meta.db_table: model
        for model in apps.get_models()
        if any(isinstance(trigger, Announce) for trigger in getattr(model._meta, "triggers", ()))
    }
    read = set(re.findall(r'FROM "(commitments_\w+)"', versions.last_asked()[0])) | set(
        re.findall(r"commitments_\w+", str(versions.others().query))
    )
    assert set(announced) == set(ANNOUNCED) == read
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, min(tgname) FROM pg_trigger WHERE tgrelid::regclass::text = ANY(%s) "
            "AND tgtype & 1 = 0 AND tgtype & 2 = 2 AND tgtype & 4 = 4 GROUP BY 1",  # once a statement, before, INSERT
            [list(ANNOUNCED)],
        )
        found = dict(cursor.fetchall())
    assert set(found) == set(ANNOUNCED)
    assert all(name.startswith("pgtrigger_announce_") for name in found.values())


NOTHING = "INSERT INTO {table} SELECT * FROM {table} WHERE false"


@pytest.mark.parametrize("table", ANNOUNCED)
def test_who_changes_what_is_public_waits_once_for_longer_than_a_lease_after_announcing_it(
    owner_dsn, published_database, table
):
    def took(cursor, sql):
        begun = time.perf_counter()
        cursor.execute(sql)
        return time.perf_counter() - begun

    def waited(sql):
        with act(actor="author", reason="a test"), connection.cursor() as cursor:
            yield took(cursor, sql)
            assert leased() == 0
            yield took(cursor, sql)

    first, _second = waited(NOTHING.format(table=table))
    assert first >= 2 * LEASE > LEASE > 0
    with _connect(owner_dsn, settings.DATABASES["owner"]["NAME"]) as other:
        ((source,),) = other.execute("SELECT pg_get_functiondef('public.ledger_announce'::regproc)").fetchall()
        assert f"pg_sleep({2 * LEASE})" in source
        other.execute(source.replace(f"pg_sleep({2 * LEASE})", "pg_sleep(2)"))
    for _each in range(2):  # in each transaction, once
        first, second = waited(NOTHING.format(table=table))
        assert first >= 2 > second


def test_who_announced_and_took_it_back_announces_anew(published_database):
    with act(actor="author", reason="a test"), connection.cursor() as cursor:
        point = transaction.savepoint()
        cursor.execute(NOTHING.format(table="commitments_release"))
        assert leased() == 0
        transaction.savepoint_rollback(point)
        cursor.execute("SELECT current_setting('tracker.announced', true)")
        assert cursor.fetchone() == ("",)
        assert leased() == LEASE


# The shortest transaction that makes another entry the last public one.
RELEASE = """BEGIN; SET LOCAL tracker.actor = 'author'; SET LOCAL tracker.reason = 'a release';
INSERT INTO commitments_release (ref, size, head, digest, note) VALUES ('lease-{number}', {number}, '', '', ''); COMMIT"""
UNANNOUNCED = (
    "CREATE OR REPLACE FUNCTION public.ledger_announce() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
)


@pytest.mark.parametrize(
    ("changes", "waiting"), [(25, True), (1000, False), pytest.param(1000, True, marks=pytest.mark.prove)]
)
def test_while_others_change_it_nobody_is_told_that_it_is_the_same(
    owner_dsn, published_database, longway, statements, changes, waiting, record_property
):
    """Four threads ask without a pause; who began to ask after a change was told never hears that nothing changed.

    Without the wait some would, sooner or later: so the test finds what it looks for.
    """
    replaced, told, stale, over = set(), [], [], threading.Event()

    def ask():
        try:
            tag = asked(LIST)[1]["etag"]
            while not over.is_set():
                gone = tag in replaced
                status, headers, _body = asked(LIST, HTTP_IF_NONE_MATCH=tag)
                told.append(status)
                if gone and status == "304 Not Modified":
                    stale.append(tag)
                tag = headers["etag"]
        finally:
            connections.close_all()

    with (
        time_machine.travel("2040-05-04T12:00:00Z", tick=False),
        _connect(owner_dsn, settings.DATABASES["owner"]["NAME"]) as other,
    ):
        if not waiting:
            other.execute(UNANNOUNCED)
        readers = [threading.Thread(target=ask) for _each in range(4)]
        for reader in readers:
            reader.start()
        try:
            for number in range(1, changes + 1):
                tag = asked(LIST)[1]["etag"]
                time.sleep(5 * LEASE)
                other.execute(RELEASE.format(number=number))
                replaced.add(tag)
                if stale:
                    break
        finally:
            over.set()
            for reader in readers:
                reader.join()
    assert (len(replaced) < changes) is bool(stale) is not waiting
    same, leases = told.count("304 Not Modified"), statements.count(versions.LEASED)
    assert same > statements.count(LAST) > leases > len(replaced) / 2  # most asked nothing
    if waiting:
        record_property(
            "checked",
            f"{changes} changes, {same} times told that it is the same, 0 of them when it wasn't; {leases} leases",
        )
