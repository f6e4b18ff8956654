"""The site as it is really served: limits, headers, refusals and logs through granian, and a database that stops and starts."""

import collections
import contextlib
import http.client
import json
import os
import signal
import socket
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import psycopg
import pytest

from commitments.api.errors import FULL
from tests.test_local import site as site  # the fixture
from tracker.requests import SEATS

LIST = "/api/v1/commitments/"
STOPS = 3


def ask(site, path, method="GET", headers=(), body=None):
    """(Status, headers, body) of an answer; `headers` may repeat a name."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)) as connection:
        connection.putrequest(method, path)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def problem(answer, status):
    found, headers, body = answer
    assert (found, headers["Content-Type"]) == (status, "application/problem+json")
    return json.loads(body)


def hear_out(site, seen):
    """Stop PostgreSQL as an administrator would, and ask until another one answers; all that is heard is whole, or a 503."""
    gone = site.postmaster()
    os.kill(gone, signal.SIGINT)
    limit = time.monotonic() + 120
    while True:
        assert time.monotonic() < limit, seen
        status, headers, body = ask(site, LIST)
        seen[status] += 1
        if status == 503:
            assert (headers["Retry-After"], json.loads(body)["status"]) == ("5", 503)
            continue
        assert (status, json.loads(body)["count"] > 30) == (200, True)
        with contextlib.suppress(OSError, IndexError):  # between the two there is no number
            if site.postmaster() != gone:
                return


@pytest.mark.prove
def test_a_database_that_is_stopped_gives_503_and_is_back_by_itself(site, record_property):
    site.start()
    seen = collections.Counter()
    for _ in range(STOPS):
        hear_out(site, seen)
    assert ask(site, "/readyz")[0] == 200
    assert set(seen) == {200, 503}
    record_property(
        "checked", f"{STOPS} stops of the database: {seen[503]} answers were 503, {seen[200]} whole, no other."
    )


@pytest.mark.prove
def test_however_many_wait_for_the_database_a_probe_is_answered(site):
    """About a quarter of a minute."""
    site.start()
    socket_folder = (site.data / "postgres/data/postmaster.pid").read_text().splitlines()[4]
    owner = psycopg.connect(host=socket_folder, port=5432, user="tracker_owner", dbname="tracker")
    with ThreadPoolExecutor(40) as pool, owner:
        owner.execute("LOCK TABLE commitments_publication")
        asked = [pool.submit(ask, site, LIST) for _ in range(40)]
        assert wait(asked, 60, FIRST_COMPLETED).done  # all seats are taken, and the others are told so
        assert [ask(site, path)[0] for path in ("/livez", "/readyz", "/static/commitments/icon.svg")] == [200] * 3
        waiting = sum(not each.done() for each in asked)
        assert waiting >= SEATS
    refused = [problem(each.result(), 503) for each in asked if each.result()[0] != 200]
    told = [each["detail"] for each in refused if each["detail"] == FULL]
    assert len(told) == 40 - SEATS


@pytest.mark.prove
def test_through_the_real_server_nothing_is_dodged_leaked_or_faked(site):
    site.environment |= {"TRACKER_RATE_LIMIT": "200", "TRACKER_PROXIES": "1"}
    site.start()

    # Headers, compression, lengths
    _status, headers, body = ask(site, LIST, headers=[("Accept-Encoding", "br")])
    assert headers.get_all("Server") == ["tracker"]
    assert (headers["Content-Encoding"], headers["Content-Length"]) == ("br", str(len(body)))
    status, same, nothing = ask(site, LIST, "HEAD", headers=[("Accept-Encoding", "br")])
    assert (status, nothing) == (200, b"")
    differs = {"x-request-id", "ratelimit", "date"}
    assert {name: value for name, value in same.items() if name not in differs} == {
        name: value for name, value in headers.items() if name not in differs
    }
    assert ask(site, LIST, headers=[("If-None-Match", headers["ETag"])])[0] == 304
    problem(ask(site, f"/{'a' * 20_000}"), 414)
    problem(ask(site, LIST, headers=[("X-Long", "a" * 40_000)]), 431)
    problem(ask(site, LIST, "BREW"), 405)
    problem(ask(site, LIST, headers=[("Content-Length", "4"), ("Content-Type", "text/xml")], body=b"<x/>"), 415)

    # A forged header doesn't dodge the limit
    told = collections.Counter()
    for number in range(250):
        forged = f"203.0.113.{number}"
        variants = [
            [("X-Forwarded-For", f"{forged}, 192.0.2.1")],
            [("X-Forwarded-For", forged), ("X-Forwarded-For", "192.0.2.1")],
            [("Forwarded", f"for={forged}"), ("X-Real-IP", forged), ("X-Forwarded-For", "192.0.2.1")],
        ]
        told[ask(site, "/licence/", headers=variants[number % 3])[0]] += 1
    assert told == {200: 200, 429: 50}

    # Logs
    ids = [("X-Request-ID", "line-to-be-found"), ("X-Forwarded-For", "192.0.2.2")]
    hostile = "/%0A%7B%22level%22:%22info%22%7D%E2%80%A8%1B[2J"
    assert ask(site, hostile, headers=ids)[0] == 404
    with socket.create_connection(("127.0.0.1", site.port)) as raw:
        raw.sendall(b"GARBAGE\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
    assert site.stop(signal.SIGTERM)[0] == 0
    lines = [json.loads(line) for line in site.errors.read_text().splitlines()]
    assert all(isinstance(line, dict) for line in lines)
    (found,) = [line for line in lines if line.get("given_id") == "line-to-be-found"]
    assert (found["status"], found["client"], found["user"]) == (404, "192.0.2.2", None)
    assert found["path"] == '/\n{"level":"info"}\u2028\x1b[2J'
    assert [line["status"] for line in lines if line.get("path") == "/licence/"].count(429) == 50
