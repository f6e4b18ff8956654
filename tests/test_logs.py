"""Logs: one line of JSON a request, with its id in every line meanwhile, which no input can break, fake or swell."""

import json
import logging
import uuid

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as laws
from hypothesis import strategies as st

from commitments import models
from commitments.api import views
from commitments.ledger import act
from tests.api_register import problem
from tracker import logs

LIST = "/api/v1/commitments/"
pytestmark = pytest.mark.no_cover


@pytest.fixture
def lines(monkeypatch):
    """What is logged, each line read back; in the form in which it goes to standard error."""
    found = []

    class Keep(logging.Handler):
        def emit(self, record):
            line = self.format(record)
            assert line.isascii()
            assert line.isprintable()
            found.append(json.loads(line))

    keep = Keep()
    keep.setFormatter(logs.JSONLines())
    monkeypatch.setattr(logging.root, "handlers", [*logging.root.handlers, keep])
    logging.root.setLevel(logging.INFO)
    return found


def test_each_request_is_one_line(client, lines, db):
    answer = client.get(f"{LIST}?q=%D8%A7%D9%84&page_size=1", headers={"x-request-id": "front-end-0042"})
    refused = client.get(f"{LIST}?colour=red")
    assert [{name: line[name] for name in line if name not in ("time", "ms")} for line in lines] == [
        {
            "level": "info", "logger": "tracker.requests", "message": "request", "request_id": lines[0]["request_id"], "given_id": "front-end-0042",
            "method": "GET", "path": LIST, "query": "q=%D8%A7%D9%84&page_size=1", "status": 200,
            "bytes": len(answer.content), "client": "127.0.0.1", "user": None,
        },
        {
            "level": "info", "logger": "tracker.requests", "message": "request", "request_id": refused["X-Request-ID"], "given_id": None,
            "method": "GET", "path": LIST, "query": "colour=red", "status": 400,
            "bytes": len(refused.content), "client": "127.0.0.1", "user": None,
        },
    ]  # fmt: skip
    assert answer["X-Request-ID"] == "front-end-0042" != str(uuid.UUID(lines[0]["request_id"]))
    assert all(line["ms"] >= 0 and line["time"].endswith("+00:00") for line in lines)


def test_a_stream_is_logged_when_it_is_over_with_what_went_out(client, lines, db):
    answer = client.get("/api/v1/commitments.csv", headers={"accept-encoding": "gzip"})
    assert lines == []
    size = len(b"".join(answer))
    assert [(line["status"], line["bytes"]) for line in lines] == [(200, size)]


def test_a_stream_that_is_broken_off_tells_what_went_out_once():
    told = []
    parts = logs.Counted([b"one", b"two", b"three"], told.append)
    next(iter(parts))
    parts.close()
    parts.close()
    assert told == [3]


def test_a_file_and_an_answer_without_content_tell_their_bytes(client, lines, db):
    icon = b"".join(client.get("/static/commitments/icon.svg"))
    client.head("/livez")
    assert [line["bytes"] for line in lines] == [len(icon), 0]


def test_curators_appear_by_their_pseudonym(client, lines, db):
    with act(actor="set-up", reason="an account for the test"):
        chief = models.User.objects.create_superuser("chief", email="chief@example.org", first_name="Somebody")
        client.force_login(chief)
    client.get("/admin/")
    assert lines[0]["user"] == chief.pseudonym
    assert "chief@" not in json.dumps(lines)
    assert "Somebody" not in json.dumps(lines)


def test_what_goes_wrong_meanwhile_has_the_requests_id_and_its_traceback(client, lines, db, monkeypatch):
    def broken(self):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(views.Shelf, "columns", broken)
    client.raise_request_exception = False
    number = problem(client.get("/api/v1/parties/"), 500)["request_id"]
    assert [line["logger"] for line in lines] == ["django.request", "tracker.requests"]
    assert {line["request_id"] for line in lines} == {number}
    assert lines[0]["exception"].endswith("RuntimeError: two\nlines")


HOSTILE = [
    "\n",
    "\r\n",
    "\x00",
    "\x1b[2J",
    "\u2028",
    "\u202e",
    '"',
    "\\",
    '"}\n{"status": 200}',
    "\ud800",
    "\x7f",
    "a" * 99_999,
]


@laws(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=9)), min_size=4, max_size=4))
def test_no_input_breaks_fakes_or_swells_a_line(lines, parts):
    lines.clear()
    path, query, method, number = parts
    request = RequestFactory().generic("GET", "/")
    request.path, request.method = f"/{path}", method
    request.META |= {"QUERY_STRING": query, "HTTP_X_REQUEST_ID": number, "HTTP_X_FORWARDED_FOR": query}
    response = logs.each_request(lambda _request: HttpResponse(status=418))(request)
    (line,) = lines
    assert len(json.dumps(line)) < 15_000
    assert (line["status"], line["client"]) == (418, "127.0.0.1")
    assert response["X-Request-ID"] == (line["given_id"] or line["request_id"])
    assert str(uuid.UUID(line["request_id"])) == line["request_id"]
    assert line["path"] in (request.path, request.path[: logs.LONGEST] + "…")


def test_a_message_is_cut(lines):
    logging.getLogger("any").warning("%s", "x" * 99_999)
    assert len(lines[0]["message"]) == logs.LONGEST_MESSAGE + 1


def test_a_traceback_is_cut(lines):
    try:
        raise ValueError("x" * 99_999)
    except ValueError:
        logging.getLogger("any").exception("failed")
    assert len(lines[0]["exception"]) == logs.LONGEST_MESSAGE + 1


def test_a_request_for_another_host_is_one_line(client, lines):
    problem(client.get(LIST, headers={"host": "elsewhere.example"}), 400)
    assert [(line["logger"], line["status"]) for line in lines] == [("tracker.requests", 400)]


def test_nobody_writes_lines_under_another_requests_id(client, lines, db):
    for _ in range(2):
        client.get("/livez", headers={"x-request-id": "somebody-elses"})
    assert {line["given_id"] for line in lines} == {"somebody-elses"}
    assert len({line["request_id"] for line in lines}) == 2
